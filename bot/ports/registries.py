"""Where images are kept."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import Protocol


@dataclass(frozen=True)
class Pushed:
    """An image as a registry has it. A plain registry knows fewer of these facts than Harbor."""

    digest: str
    """`sha256:...`: names the image for good, while a tag can be moved."""
    tags: tuple[str, ...] = ()
    size: int | None = None
    """Bytes, as it is stored (compressed)."""
    pushed: datetime | None = None
    scan: str = ""
    """What a scanner found, in a few words: "2 critical, 5 high"; empty: not known."""


class Registry(Protocol):
    """Where images are kept (Harbor, or a registry of the OCI distribution specification)."""

    def find(self, image: str) -> Pushed | None:
        """What `image`, a full name with a tag or digest, names there now; None: it is not there."""

    def newest(self, repository: str, most: int) -> list[Pushed]:
        """The latest images of a repository (`web/web`, without the host), latest first where it is known."""
