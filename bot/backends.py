"""The systems a command may use, by the names that `shipmate.yaml` gives them."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from bot.images import ImageName
from bot.ports import (
    Builder,
    Cluster,
    Directory,
    LogStore,
    Metrics,
    Person,
    Registry,
    Shipper,
    Watched,
)

if TYPE_CHECKING:
    from bot.catalogue import Catalogue
    from bot.files import Files
    from bot.here import Here
    from bot.homes import Homes
    from bot.jobs import Jobs
    from bot.ledger import Ledger
    from bot.lockkeeper import LockKeeper
    from bot.locks import Locks
    from bot.offers import Offers
    from bot.outbox import Outbox
    from bot.policy import Policy
    from bot.preferences import Preferences
    from bot.settings import Settings
    from bot.trials import Trials


@dataclass
class Backends:
    """Adapters are made at their first use, so that a process imports only the clients it needs."""

    settings: Settings
    policy: Policy
    ledger: Ledger
    catalogue: Catalogue
    jobs: Jobs
    directory: Directory
    files: Files
    locks: Locks
    lockkeeper: LockKeeper
    trials: Trials
    offers: Offers
    makers: dict[str, Callable[[str], Any]]
    """"jenkins", "kubernetes", "elasticsearch" or "registry" -> name -> adapter; filled by `bot/adapters.py`."""
    here: Here
    preferences: Preferences
    outbox: Outbox
    homes: Homes
    request: str = ""
    """Names the request that is being answered: with the same name it is the same, delivered again."""
    channel: str = ""
    """Where the request that is being answered was made."""
    person: Person | None = None
    """Whom a command acts for; a cluster may be told so (`impersonate`)."""
    _made: dict[tuple[str, str], Any] = field(default_factory=dict)

    def builder(self, name: str) -> Builder:
        builder: Builder = self._get("jenkins", name)
        return builder

    def cluster(self, name: str) -> Cluster:
        """Raises Refused for somebody whom the cluster cannot be told about."""
        cluster: Cluster = self._get("kubernetes", name)
        return cluster.acting_for(self.person) if self.person else cluster

    def logs(self, name: str) -> LogStore:
        store: LogStore = self._get("elasticsearch", name)
        return store

    def registry(self, image: str) -> Registry | None:
        """The registry that an image's name leads to; None: none of `shipmate.yaml` is at that host."""
        host = ImageName.parse(image).host
        name = next((name for name, own in self.settings.registries.items() if own.host == host), None)
        if name is None:
            return None
        registry: Registry = self._get("registry", name)
        return registry

    def metrics(self, name: str) -> Metrics:
        metrics: Metrics = self._get("prometheus", name)
        return metrics

    def shipper(self, name: str) -> Shipper:
        shipper: Shipper = self._get("logstash", name)
        return shipper

    def watched(self, system: str, name: str) -> Watched:
        watched: Watched = self._get(system, name)
        return watched

    def _get(self, system: str, name: str) -> Any:
        if (system, name) not in self._made:
            self._made[system, name] = self.makers[system](name)
        return self._made[system, name]
