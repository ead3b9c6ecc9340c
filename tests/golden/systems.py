"""The systems that `logs` asks, in place of real ones: each answers what it is told to answer."""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from datetime import UTC, datetime
from types import SimpleNamespace
from typing import Any

from bot.faults import Unavailable
from bot.operation import Operation
from bot.ports import LogPage, Pod, Signature, Signatures
from tests import sample

SETTINGS = sample.settings()
LATER = datetime(2100, 1, 1, tzinfo=UTC)
"""Lines arrive, whenever it is asked."""


@dataclass
class Systems:
    """Each answers what it is told to answer."""

    page: LogPage = field(default_factory=LogPage)
    kinds: tuple[Signature, ...] = ()
    cut: bool = False
    """There may be more kinds."""
    others: datetime | None = None
    past: tuple[Operation, ...] = ()
    pods: tuple[str, ...] = ()
    log: tuple[str, ...] = ()
    restarts: int = 0
    """Of each pod, which has then printed nothing since the last."""
    wrong: str = ""
    """The container of each pod that is in trouble."""
    trouble: str = ""

    def on(self) -> Any:
        store = SimpleNamespace(
            search=self._search,
            signatures=lambda *_asked: Signatures(
                list(self.kinds), self._total(), self._early(), self.cut, newest=LATER
            ),
            first_seen=lambda _query, texts: [kind.first for kind in self.kinds][: len(texts)],
            newest=lambda indices: dict.fromkeys(indices, self.others),
            growing=lambda _query: None,
        )
        cluster = SimpleNamespace(
            pods=lambda _place: [
                Pod(name, True, "", self.restarts, None, ("web", "proxy"), self.wrong) for name in self.pods
            ],
            pod_log=lambda *_asked, previous=False, **_more: (
                self.log if previous or not self.restarts else ()
            ),
        )
        return SimpleNamespace(
            settings=SETTINGS,
            logs=lambda _name: store,
            cluster=lambda _name: cluster,
            builder=lambda _name: SimpleNamespace(console=lambda *_asked: "\n".join(self.log)),
            files=SimpleNamespace(keep=lambda _text: "f00dcafe"),
            ledger=SimpleNamespace(holder=lambda _target: None, past=lambda _target: list(self.past)),
        )

    def _search(self, _query: object) -> LogPage:
        if self.trouble:
            raise Unavailable("Elasticsearch (main)", self.trouble)
        return replace(self.page, newest=self.page.newest or LATER)

    def _total(self) -> int:
        return sum(kind.count for kind in self.kinds)

    def _early(self) -> int:
        return sum(kind.early for kind in self.kinds)
