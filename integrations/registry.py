"""A registry of the OCI distribution specification: which tags there are, and what each names.

Rules: https://github.com/opencontainers/distribution-spec/blob/main/spec.md (tags, manifests) and
https://distribution.github.io/distribution/spec/auth/token/ (a 401 says where a token is to be had). It
knows neither when an image was pushed nor what a scanner found.
"""

from __future__ import annotations

import re
from typing import Any

import requests
from requests.auth import AuthBase

from bot.faults import Unavailable
from bot.images import ImageName
from bot.ports import Pushed
from bot.retrying import again_when_reading
from integrations.rest import Login, Missing, Rest

MANIFESTS = ", ".join(
    (
        "application/vnd.oci.image.index.v1+json",
        "application/vnd.oci.image.manifest.v1+json",
        "application/vnd.docker.distribution.manifest.list.v2+json",
        "application/vnd.docker.distribution.manifest.v2+json",
    )
)
MOST_TAGS = "1000"
"""So many tags are read to find the latest by their numbers."""
_CHALLENGE = re.compile(r'(\w+)="([^"]*)"')


class PlainRegistry:
    """Implements `bot.ports.Registry`. Thread-safe: each call asks for a token of its own if one is needed."""

    def __init__(self, name: str, url: str, login: Login | None, ca: str | None, timeout: float = 10) -> None:
        self._rest = Rest("The image registry", f"registries.{name}", url, login, ca, timeout)

    @again_when_reading
    def find(self, image: str) -> Pushed | None:
        name = ImageName.parse(image)
        try:
            return self._manifest(name.repository, name.reference, (name.tag,) if name.tag else ())
        except Missing:
            return None

    @again_when_reading
    def newest(self, repository: str, most: int) -> list[Pushed]:
        try:
            listed = self._rest.json(self._get(f"/v2/{repository}/tags/list?n={MOST_TAGS}"))["tags"] or []
        except Missing:
            return []
        except (KeyError, TypeError):
            raise Unavailable("The image registry", "answered with something that is no list") from None
        tags = sorted(map(str, listed), key=_by_numbers, reverse=True)[:most]
        found = [self._manifest_or_none(repository, tag) for tag in tags]
        return [pushed for pushed in found if pushed is not None]

    def _manifest_or_none(self, repository: str, tag: str) -> Pushed | None:
        """A tag may be deleted while we look."""
        try:
            return self._manifest(repository, tag, (tag,))
        except Missing:
            return None

    def _manifest(self, repository: str, reference: str, tags: tuple[str, ...]) -> Pushed:
        response = self._get(f"/v2/{repository}/manifests/{reference}", accept=MANIFESTS)
        digest = response.headers.get("Docker-Content-Digest", "")
        if not digest:
            raise Unavailable("The image registry", "does not say which image that is")
        return Pushed(digest, tags, size=_size(self._rest.json(response)))

    def _get(self, path: str, accept: str = "application/json") -> requests.Response:
        headers = {"Accept": accept}
        response = self._rest.attempt(path, headers=headers)
        challenge = response.headers.get("WWW-Authenticate", "")
        if response.status_code == 401 and challenge.lower().startswith("bearer "):
            response = self._rest.attempt(path, headers=headers, auth=Bearer(self._token(challenge)))
        self._rest.must_be_well(response)
        return response

    def _token(self, challenge: str) -> str:
        """From where the registry sends us, with our login."""
        asked = dict(_CHALLENGE.findall(challenge))
        query = {name: asked[name] for name in ("service", "scope") if name in asked}
        try:
            answer = self._rest.json(self._rest.send(asked.get("realm", "/"), query))
        except Missing:  # the service is not where we were sent: that says nothing of any image
            answer = None
        token = answer.get("token") or answer.get("access_token") if isinstance(answer, dict) else None
        if not token:
            raise Unavailable("The image registry", "gives no token")
        return str(token)


class Bearer(AuthBase):
    """Instead of the login that the session would send."""

    def __init__(self, token: str) -> None:
        self._token = token

    def __call__(self, request: requests.PreparedRequest) -> requests.PreparedRequest:
        request.headers["Authorization"] = f"Bearer {self._token}"
        return request


def _size(manifest: Any) -> int | None:
    """Of the configuration and every layer; an index of several platforms has no size of its own."""
    if not isinstance(manifest, dict) or "layers" not in manifest:
        return None
    parts = [manifest.get("config") or {}, *manifest["layers"]]
    return sum(int(part.get("size", 0)) for part in parts)


def _by_numbers(tag: str) -> tuple[int, ...]:
    """`trunk-r1841-42` after `trunk-r1841-9`: the numbers from the last one backwards decide."""
    return tuple(int(number) for number in reversed(re.findall("[0-9]{1,15}", tag)))
