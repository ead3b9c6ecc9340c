"""A registry of the OCI distribution specification: which tags there are, and what each names.

Rules: https://github.com/opencontainers/distribution-spec/blob/main/spec.md (tags, manifests) and
https://distribution.github.io/distribution/spec/auth/token/ (a 401 says where a token is to be had). It
knows neither when an image was pushed nor what a scanner found.
"""

from __future__ import annotations

import re
from urllib.parse import quote, urljoin, urlsplit

import requests
from pydantic import BaseModel, TypeAdapter
from requests.auth import AuthBase

from bot.faults import Unavailable
from bot.images import ImageName
from bot.language import N_, _
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
SYSTEM = N_("The image registry")
TAGS_A_PAGE, MOST_PAGES = 1000, 50
"""Tags come in the order of the alphabet: the latest by their numbers may stand on any page. A registry may
make its pages smaller."""
_CHALLENGE = re.compile(r'(\w+)="([^"]*)"')
_DIGEST = re.compile("[a-z0-9]+(?:[+._-][a-z0-9]+)*:[0-9a-f]{32,}")


class Tags(BaseModel):
    tags: list[str] | None = None


class Part(BaseModel):
    size: int = 0


class Manifest(BaseModel):
    """An index of several platforms has neither."""

    config: Part | None = None
    layers: list[Part] | None = None


class Token(BaseModel):
    token: str | None = None
    access_token: str | None = None


TAGS, MANIFEST, TOKEN = TypeAdapter(Tags), TypeAdapter(Manifest), TypeAdapter(Token)


class PlainRegistry:
    """Implements `bot.ports.Registry`. Thread-safe: each call asks for a token of its own if one is needed."""

    def __init__(self, name: str, url: str, login: Login | None, ca: str | None, timeout: float = 10) -> None:
        self._url = url.rstrip("/")
        self._rest = Rest(SYSTEM, f"registries.{name}", url, login, ca, timeout)

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
            tags = sorted(self._tags(repository), key=_by_numbers, reverse=True)[:most]
        except Missing:
            return []
        found = [self._manifest_or_none(repository, tag) for tag in tags]
        return [pushed for pushed in found if pushed is not None]

    def _tags(self, repository: str) -> list[str]:
        """All of them, page after page, as `Link` leads on (RFC 8288, which the specification names by its
        older number 5988)."""
        path, found = f"/v2/{repository}/tags/list?n={TAGS_A_PAGE}", dict[str, None]()
        for _page in range(MOST_PAGES):
            response = self._get(path)
            found |= dict.fromkeys(self._rest.read(response, TAGS).tags or ())
            following = response.links.get("next", {}).get("url")
            if not following:
                break
            path = self._own(urljoin(response.url, following))
        return list(found)

    def _own(self, url: str) -> str:
        """An address of the same server: nobody else gets our password. Raises Unavailable for another's."""
        if urlsplit(url)[:2] != urlsplit(self._url)[:2]:
            raise Unavailable(_(SYSTEM), _("sends Shipmate on to another server"))
        return url

    def _manifest_or_none(self, repository: str, tag: str) -> Pushed | None:
        """A tag may be deleted while we look."""
        try:
            return self._manifest(repository, tag, (tag,))
        except Missing:
            return None

    def _manifest(self, repository: str, reference: str, tags: tuple[str, ...]) -> Pushed:
        response = self._get(f"/v2/{repository}/manifests/{quote(reference, safe=':')}", accept=MANIFESTS)
        digest = response.headers.get("Docker-Content-Digest", "")
        if not _DIGEST.fullmatch(digest):
            raise Unavailable(_(SYSTEM), _("does not say which image that is"))
        return Pushed(digest, tags, size=_size(self._rest.read(response, MANIFEST)))

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
            answer = self._rest.read(self._rest.send(asked.get("realm", "/"), query), TOKEN)
        except Missing:  # the service is not where we were sent: that says nothing of any image
            answer = Token()
        token = answer.token or answer.access_token
        if not token:
            raise Unavailable(_(SYSTEM), _("gives no token"))
        return token


class Bearer(AuthBase):
    """Instead of the login that the session would send."""

    def __init__(self, token: str) -> None:
        self._token = token

    def __call__(self, request: requests.PreparedRequest) -> requests.PreparedRequest:
        request.headers["Authorization"] = f"Bearer {self._token}"  # not said: a header
        return request


def _size(manifest: Manifest) -> int | None:
    """Of the configuration and every layer."""
    if manifest.layers is None:
        return None
    return sum(part.size for part in (manifest.config or Part(), *manifest.layers))


def _by_numbers(tag: str) -> tuple[int, ...]:
    """`trunk-r1841-42` after `trunk-r1841-9`: the numbers from the last one backwards decide."""
    return tuple(int(number) for number in reversed(re.findall("[0-9]{1,15}", tag)))
