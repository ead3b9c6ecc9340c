"""Who may talk to the chat page: its own scripts, from a browser that knows it by a local name.

Every page a person has open can send requests to 127.0.0.1, so an address that is only local is not
enough. Requests with a foreign `Host` (DNS rebinding) or a foreign `Origin` (cross-site requests and
WebSockets) are refused: https://owasp.org/www-community/attacks/csrf,
https://developer.mozilla.org/en-US/docs/Web/API/WebSockets_API (the same-origin policy does not hold there).
"""

from __future__ import annotations

import ipaddress
from typing import Any
from urllib.parse import urlsplit

from aiohttp import web
from aiohttp.typedefs import Handler, Middleware

HEADERS = {
    # Scripts and styles are files of this page only; pictures may come from the sandbox's other servers.
    # No string ever becomes markup or script, even by mistake: trusted types without any policy.
    "Content-Security-Policy": "; ".join(
        (
            "default-src 'none'",
            "script-src 'self'",
            "style-src 'self'",
            "connect-src 'self'",
            "img-src 'self' data: http://127.0.0.1:* http://localhost:*",
            "base-uri 'none'",
            "form-action 'none'",
            "frame-ancestors 'none'",
            "require-trusted-types-for 'script'",
            "trusted-types 'none'",
        )
    ),
    "X-Content-Type-Options": "nosniff",
    "Referrer-Policy": "no-referrer",
    "Cross-Origin-Opener-Policy": "same-origin",
    "Cross-Origin-Resource-Policy": "same-origin",
    "Cache-Control": "no-cache",
}


async def add_headers(_: web.Request, response: web.StreamResponse) -> None:
    """For `Application.on_response_prepare`."""
    response.headers.update(HEADERS)


def guard(own_host: str) -> Middleware:
    """A middleware that lets only the page itself in; `own_host` is what the server listens on."""

    @web.middleware
    async def check(request: web.Request, handler: Handler) -> web.StreamResponse:
        host = urlsplit(f"//{request.host}").hostname or ""
        if not _is_loopback(host) and host != own_host:
            return refused("This page answers to local names only, such as 127.0.0.1.")
        if not _same_origin(request):
            return refused("Requests from other pages are refused.")
        if request.method == "POST" and request.content_type != "application/json":
            return web.json_response({"error": "Send application/json."}, status=415)
        return await handler(request)

    return check


async def json_object(request: web.Request) -> dict[str, Any]:
    """The body. Raises ValueError where it is no JSON object."""
    try:
        body = await request.json()
    except ValueError:
        raise ValueError("The body is not JSON.") from None
    if not isinstance(body, dict):
        raise ValueError("The body is not a JSON object.")
    return body


def from_this_machine(request: web.Request) -> bool:
    return _is_loopback(request.remote or "")


def refused(reason: str) -> web.Response:
    return web.json_response({"error": reason}, status=403)


def _same_origin(request: web.Request) -> bool:
    """No `Origin` is no browser's cross-site request; one that is there must name this very server."""
    origin = request.headers.get("Origin")
    return origin is None or urlsplit(origin).netloc == request.host


def _is_loopback(host: str) -> bool:
    if host == "localhost":
        return True
    try:
        return ipaddress.ip_address(host).is_loopback
    except ValueError:
        return False
