"""The name of an image, taken apart. Pure.

Rules: https://github.com/distribution/reference (the part before the first `/` is a host when it holds a dot
or a colon, or is `localhost`; else the image is Docker Hub's).
"""

from __future__ import annotations

from dataclasses import dataclass

DOCKER_HUB = "docker.io"


@dataclass(frozen=True)
class ImageName:
    """`harbor.shop.example/web/web:trunk-r1841-42`, with a tag, a digest, or both."""

    host: str
    repository: str
    """Without the host: `web/web`."""
    tag: str = ""
    digest: str = ""
    """`sha256:...`; it alone decides where a tag stands beside it."""

    @property
    def reference(self) -> str:
        """What the registry is asked for."""
        return self.digest or self.tag or "latest"

    @property
    def readable(self) -> str:
        """Without the digest, where a tag says the same to people: what a build calls its image."""
        return f"{self.place}:{self.tag}" if self.tag else f"{self.place}@{self.digest}"

    @property
    def short(self) -> str:
        """The first twelve digits of its digest."""
        return self.digest.removeprefix("sha256:")[:12]

    def at(self, digest: str) -> str:
        """The same with its tag for people, and `digest`, which decides what is pulled."""
        return f"{self.place}:{self.tag}@{digest}" if self.tag else f"{self.place}@{digest}"

    @property
    def place(self) -> str:
        """Host and repository, without the tag."""
        return f"{self.host}/{self.repository}"

    @classmethod
    def parse(cls, text: str) -> ImageName:
        name, _, digest = text.partition("@")
        first, slash, rest = name.partition("/")
        is_host = bool(slash) and ("." in first or ":" in first or first == "localhost")
        host, path = (first, rest) if is_host else (DOCKER_HUB, name)
        repository, _, tag = path.partition(":")
        return cls(host, repository, tag, digest)
