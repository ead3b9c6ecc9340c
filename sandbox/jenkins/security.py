"""Who may call: Basic authentication, permissions, crumbs, and Jenkins' HTML for refusals.

Sources: jenkins.security.BasicHeaderProcessor, hudson.security.csrf.CrumbFilter, DefaultCrumbIssuer,
hudson.security.AccessDeniedException3.
"""

from __future__ import annotations

import base64
import binascii
import hashlib
import html
import secrets
from dataclasses import dataclass
from typing import Literal

from aiohttp import web

from sandbox.jenkins.build import Cause

Permission = Literal["Overall/Read", "Job/Read", "Job/Build", "Job/Cancel", "Job/Configure"]
PERMISSION_ID: dict[Permission, str] = {
    "Overall/Read": "hudson.model.Hudson.Read",
    "Job/Read": "hudson.model.Item.Read",
    "Job/Build": "hudson.model.Item.Build",
    "Job/Cancel": "hudson.model.Item.Cancel",
    "Job/Configure": "hudson.model.Item.Configure",
}
READING: frozenset[Permission] = frozenset({"Overall/Read", "Job/Read"})
BUILDING: frozenset[Permission] = READING | {"Job/Build", "Job/Cancel"}
EVERYTHING: frozenset[Permission] = BUILDING | {"Job/Configure"}
VERSION = "2.479.3"
SESSION_COOKIE = "JSESSIONID.5f2a9c1e"
CRUMB_FIELD = "Jenkins-Crumb"
SALT = secrets.token_hex(16)


@dataclass(frozen=True)
class Account:
    """A user. Either secret may be empty: it then opens nothing."""

    name: str
    full_name: str
    token: str = ""
    password: str = ""
    permissions: frozenset[Permission] = BUILDING

    @property
    def cause(self) -> Cause:
        return Cause(self.name, self.full_name)


@dataclass(frozen=True)
class Caller:
    """An account as this request proved to be it; with an API token no crumb is needed."""

    account: Account
    by_token: bool

    def need(self, permission: Permission) -> None:
        """Raises the 403 that Jenkins answers to somebody who lacks the permission."""
        if permission not in self.account.permissions:
            raise denied(self.account, permission)


def authenticate(request: web.Request, accounts: dict[str, Account], anonymous: Account) -> Caller:
    """Who calls. Raises the 401 for a wrong secret; without any the caller is `anonymous`."""
    header = request.headers.get("Authorization", "")
    if not header.lower().startswith("basic "):
        return Caller(anonymous, by_token=False)
    try:
        name, _, secret = base64.b64decode(header[6:], validate=True).decode().partition(":")
    except (binascii.Error, UnicodeDecodeError):
        raise unauthorized("Malformed HTTP basic Authorization header") from None
    account = accounts.get(name)
    if account is None or not secret or secret not in {account.token, account.password}:
        raise unauthorized(f"Invalid password/token for user: {name}")
    return Caller(account, by_token=secret == account.token)


def crumb(account: Account, session: str) -> str:
    """Bound to user and web session, as DefaultCrumbIssuer's."""
    return hashlib.sha256(f"{account.name};{session};{SALT}".encode()).hexdigest()


def check_crumb(request: web.Request, caller: Caller) -> None:
    """Raises the 403 for a POST without its crumb, unless an API token came with it."""
    if request.method != "POST" or caller.by_token:
        return
    session = request.cookies.get(SESSION_COOKIE, "")
    given = request.headers.get(CRUMB_FIELD) or request.query.get(CRUMB_FIELD)
    if not session or given != crumb(caller.account, session):
        raise error(403, "No valid crumb was included in the request")


def issue_crumb(request: web.Request, caller: Caller) -> web.Response:
    """`/crumbIssuer/api/json`; opens a web session if there is none."""
    session = request.cookies.get(SESSION_COOKIE) or f"node0{secrets.token_hex(12)}"
    body = {
        "_class": "hudson.security.csrf.DefaultCrumbIssuer",
        "crumb": crumb(caller.account, session),
        "crumbRequestField": CRUMB_FIELD,
    }
    response = web.json_response(body)
    response.set_cookie(SESSION_COOKIE, session, path="/", httponly=True)
    return response


def denied(account: Account, permission: Permission) -> Refusal:
    if account.name == "anonymous":
        body = "<html><head></head><body>Authentication required<!-- --></body></html>"
    else:
        reason = f"{account.full_name} is missing the {permission} permission"
        body = _page("Access Denied", f"<h1>Access Denied</h1><p class='error'>{html.escape(reason)}</p>")
    return Refusal(
        403,
        body,
        {
            "X-You-Are-Authenticated-As": account.name,
            "X-Required-Permission": PERMISSION_ID[permission],
        },
    )


def unauthorized(message: str) -> Refusal:
    return error(401, message, {"WWW-Authenticate": 'Basic realm="Jenkins"'})


def error(status: int, message: str, headers: dict[str, str] | None = None) -> Refusal:
    """Jetty's error page."""
    text = html.escape(message)
    rows = f"<tr><th>STATUS:</th><td>{status}</td></tr><tr><th>MESSAGE:</th><td>{text}</td></tr>"
    body = f"<h2>HTTP ERROR {status} {text}</h2><table>{rows}</table><hr/>Powered by Jetty:// 12.0.14<hr/>"
    return Refusal(status, _page(f"Error {status} {text}", body), headers or {})


def oops(message: str) -> Refusal:
    """Jenkins' page for an uncaught exception."""
    body = (
        f"<h1>Oops!</h1><p>A problem occurred while processing the request.</p><p>{html.escape(message)}</p>"
    )
    return Refusal(500, _page("Jenkins", body), {})


def not_found() -> Refusal:
    return error(404, "Not Found")


def _page(title: str, body: str) -> str:
    return f"<html><head><title>{title}</title></head><body>{body}</body></html>"


class Refusal(web.HTTPException):
    """An answer in HTML that refuses, to be raised."""

    def __init__(self, status: int, body: str, headers: dict[str, str]) -> None:
        self.status_code = status
        super().__init__(text=body, content_type="text/html", headers=headers)
