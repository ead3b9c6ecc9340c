"""What Shipmate asks of the systems around it: values, and the contracts that integrations fulfil.

Commands are written against these; only `bot/app.py` knows which integration stands behind each.
Every method of a port may raise `bot.faults.Unavailable` (try again later), `Refused` (a person must
change something) or `Failed`.
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from threading import Event
from typing import Any, Protocol

from bot.language import N_
from bot.workloads import Autoscaler as Autoscaler
from bot.workloads import Place as Place
from bot.workloads import Pod as Pod
from bot.workloads import Revision as Revision
from bot.workloads import Room as Room
from bot.workloads import Workload as Workload


@dataclass(frozen=True)
class Topic:
    """Something that takes time and is watched for: a build, a rollout. `args` name it within its system."""

    system: str
    """"jenkins", "kubernetes" or "elasticsearch"."""
    name: str
    """Which one, as `shipmate.yaml` calls it."""
    kind: str
    args: tuple[str, ...]

    def __str__(self) -> str:
        return "\t".join((self.system, self.name, self.kind, *self.args))

    @classmethod
    def parse(cls, text: str) -> Topic:
        system, name, kind, *args = text.split("\t")
        return cls(system, name, kind, tuple(args))


@dataclass(frozen=True)
class Seen:
    """What one look at a topic showed. Plain JSON values, as it travels through Redis."""

    done: bool
    progress: str = ""
    """A few words for the message: "2 of 3 ready"."""
    usual: float = 0
    """Seconds that the system expects it to take in all; 0: it does not say."""
    value: Any = None
    """The result, once done."""
    trouble: str = ""
    """Set while nobody can look, as the system does not answer: "Jenkins cannot be reached"."""
    failure: str = ""
    """One sentence, when it ended badly; `done` is then true."""
    brief: str = ""
    """The same in a few words, for a notification: "crash loop, 2 of 6 up"."""
    excerpt: tuple[str, ...] = ()
    events: tuple[str, ...] = ()


Tell = Callable[[Topic, Seen], None]


class Watched(Protocol):
    """A system that can be looked at once, and watched in batch at a cost that follows change."""

    def look(self, topic: Topic) -> Seen: ...

    def watch(self, topics: Callable[[], Collection[Topic]], tell: Tell, stop: Event) -> None:
        """Until `stop`: tell what changes in `topics()` (asked again and again, as it grows and shrinks)."""


@dataclass(frozen=True)
class Commit:
    """One change of the code. `id`: `r1841` in Subversion, 40 digits in git."""

    id: str
    author: str
    message: str
    """Its first line."""
    at: datetime | None = None

    def to_plain(self) -> dict[str, str]:
        """For JSON, without its time."""
        return {"id": self.id, "author": self.author, "message": self.message}


@dataclass(frozen=True)
class Built:
    """A build, and the commits that it was the first of its line to hold."""

    number: int
    url: str
    result: str
    """SUCCESS, UNSTABLE, FAILURE, ABORTED; empty while it runs."""
    revision: str
    """As the build server writes it: `1841`, or 40 digits of a git commit."""
    parameters: Mapping[str, str]
    commits: tuple[Commit, ...] = ()
    """Oldest first."""

    @property
    def ended_well(self) -> bool:
        return self.result == "SUCCESS"


@dataclass(frozen=True)
class Taken:
    """Builds of a job that are known to belong to other operations."""

    queue_ids: frozenset[int] = frozenset()
    numbers: frozenset[int] = frozenset()


@dataclass(frozen=True)
class Push:
    """New commits on one branch, or one commit of Subversion, which may be on several lines."""

    repository: str
    commit: Commit
    """The newest of them."""
    branch: str = ""
    """In git."""
    paths: tuple[str, ...] = ()
    """In Subversion: what it changed, from the root of the repository; `trunk/src/a.c` or a folder of it."""


class Unbelieved(Exception):
    """A request to a hook that is not what it says it is; the text says why, without anything of a secret."""


class HookSource(Protocol):
    """Whoever tells of commits over HTTP, with a signature or a token. Names of headers are in small letters."""

    def delivery(self, headers: Mapping[str, str], body: bytes, now: float) -> str:
        """What names this request for good. Raises Unbelieved: it is not signed, not by us, or too old."""

    def pushes(self, headers: Mapping[str, str], body: bytes) -> list[Push]:
        """Of a believed request; none, when it tells of something else. Raises ValueError for nonsense."""


class Builder(Watched, Protocol):
    """A build server (Jenkins)."""

    def trigger(self, job: str, parameters: Mapping[str, str]) -> int:
        """Start a build and return its queue id. Not idempotent: see `find`."""

    def find(
        self, job: str, parameters: Mapping[str, str], key: str, since: float, taken: Taken
    ) -> int | None:
        """The queue id of the queued, running or recent build of `job` that was asked for with `parameters`.

        `key` names the parameter that is unlike in every operation; where the job does not declare it, what
        else is known decides: who asked, when (not before `since`, epoch seconds), the other parameters, and
        which builds are `taken`. Raises bot.faults.NeedsPerson when several builds fit.
        """

    def cancel(self, job: str, queue_id: int) -> str:
        """Take a build out of the queue or stop it; says what was done, "" when it had ended. Repeatable."""

    def stop(self, job: str, number: int) -> str:
        """Stop a build; says so, "" when it had ended. Repeatable."""

    def queued(self, job: str, queue_id: int) -> Topic:
        """Done when the build has a number: {"number": int, "url": str}."""

    def building(self, job: str, number: int) -> Topic:
        """Done when the build has ended well: {"number", "url", "revision", "parameters"}."""

    def build(self, job: str, number: int) -> Built | None:
        """None: there is no such build, or not any more."""

    def builds(self, job: str, most: int) -> list[Built]:
        """The latest builds of a job, running and failed ones included, newest first."""

    def console(self, job: str, number: int) -> str:
        """What a build has printed so far, of a long one its ends about a line NOT_READ; redact before showing."""

    def artifact(self, job: str, number: int, path: str) -> str:
        """The text of an archived file, stripped."""


NOT_READ = N_("[… what stands here was not read: it is too long …]")
"""A line in a log or console that stands for what was left out of it."""


class Cluster(Watched, Protocol):
    """A Kubernetes cluster: Deployments, StatefulSets and DaemonSets.

    Every act may be repeated: what is set already is not set again. An act takes `operation`, which is
    written into the object's annotations; `expected` is what the plan recorded, and the API server compares
    and sets in one step. Acts raise `bot.faults.Changed` when something else is there, and
    `bot.faults.Unavailable` when nobody knows whether they took effect: repeat them, they find out.
    """

    def acting_for(self, person: Person) -> Cluster:
        """The same cluster, asked in the name of `person` where `impersonate` is configured.

        The cluster's audit log then names them, and their rights there count. Raises Refused for somebody
        without the name that is configured. Shipmate itself (a hook) is nobody else.
        """

    def image(self, place: Place) -> str:
        """What is asked for at a place; cheaper than `workload`."""

    def workload(self, place: Place) -> Workload: ...

    def workloads(self, places: Collection[Place]) -> dict[Place, Workload]:
        """Many at the cost of a few lists for each namespace; those that are not there are left out.

        For a board: warnings are not asked for, so `trouble` says less than that of `workload`.
        """

    def set_image(
        self, place: Place, image: str, cause: str, operation: str, expected: str | None = None
    ) -> int:
        """Returns the generation to follow. `expected`: the image that is to be replaced; None: any.

        Raises Refused where no pod would take it (update strategy OnDelete).
        """

    def set_replicas(self, place: Place, count: int, operation: str, expected: int | None = None) -> int:
        """Returns the generation to follow. `expected`: the number to be replaced; None: any.

        Raises Refused for a DaemonSet, which has none. An autoscaler undoes it: see `Workload.autoscaler`.
        """

    def restart(self, place: Place, at: str, cause: str, operation: str) -> int:
        """Replace every pod, a few at a time; returns the generation to follow, with the image that runs.

        `at`: RFC 3339 time that the caller recorded, "2026-11-24T08:14:23Z"; the same once more changes
        nothing. Raises Refused while the rollout is paused.
        """

    def pause(self, place: Place, operation: str) -> int:
        """Changes of the template wait from now on. Deployments only; Refused for others."""

    def resume(self, place: Place, operation: str) -> int:
        """Returns the generation to follow."""

    def set_bounds(
        self, place: Place, minimum: int, maximum: int, operation: str, expected: Autoscaler | None = None
    ) -> Autoscaler:
        """Bounds of the autoscaler that owns the place. `expected`: its bounds are compared; None: any.

        Raises Refused where there is no autoscaler.
        """

    def revisions(self, place: Place) -> list[Revision]:
        """Newest first; the first is what is asked for now."""

    def room(self, place: Place, count: int) -> Room:
        """Whether `count` pods in all fit into the quota and, where Shipmate may see them, on the nodes."""

    def rollout(self, place: Place, generation: int, image: str) -> Topic:
        """Done when every wanted pod of that generation is available: {"ready": int}."""

    def pods(self, place: Place) -> list[Pod]:
        """Those in trouble first, then by name."""

    def pod_log(
        self, place: Place, pod: str, lines: int = 50, previous: bool = False, since: int | None = None
    ) -> tuple[str, ...]:
        """The last lines of the place's container in one pod, oldest first, as printed: redact before showing.

        Where their bytes are too many they are fewer, after a line NOT_READ.
        `previous`: of the run before its last restart. `since`: seconds back. Raises Refused where there is
        no such pod or run.
        """

    def warnings(self, place: Place) -> tuple[str, ...]:
        """Warning events of the place and its pods of the last hour, grouped, most frequent first:
        "3 pods: Insufficient memory"."""


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


@dataclass(frozen=True)
class LogQuery:
    """Which log lines. Every text is a value to be looked for; only `lucene` is a query in a language."""

    index: str
    since: datetime
    until: datetime | None = None
    """Not included; None: up to now."""
    level: str | None = None
    """That or worse."""
    text: str | None = None
    """A phrase: its words in a row."""
    inside: bool = False
    """`text` is looked for inside of longer words as well, which reads the whole dictionary of the index."""
    pod: str | None = None
    """How the pod's name begins."""
    trace: str | None = None
    """The id of a request that several programs worked on."""
    lucene: str | None = None
    """A query in Lucene's syntax, which every line must match too."""
    limit: int = 50
    filters: tuple[tuple[str, str], ...] = ()
    """Field and value that every line must have."""


@dataclass(frozen=True)
class LogLine:
    at: datetime
    level: str
    pod: str
    message: str


@dataclass(frozen=True)
class LogPage:
    """The newest lines that match, oldest first, and the figures around them."""

    lines: list[LogLine] = field(default_factory=list)
    total: int = 0
    total_is_exact: bool = True
    errors: int = 0
    """How many of all that match are errors or worse."""
    errors_before: int = 0
    """The same, in as much time right before."""
    newest: datetime | None = None
    """When the newest line of all was written, whether it matches or not; None: there is none."""
    partial: str | None = None
    """Which part of the store did not answer, if any."""


@dataclass(frozen=True)
class Signature:
    """Lines that are alike but for numbers, names and the like."""

    text: str
    """The words they share."""
    count: int
    early: int
    """How many of them were written before the moment that was asked about."""
    first: datetime
    """When the earliest of those that match was written."""
    example: LogLine
    """The newest of them."""


@dataclass(frozen=True)
class Signatures:
    """The commonest kinds of lines, most frequent first, and the figures of all that match."""

    all: list[Signature]
    total: int
    """Lines that match, of whatever kind."""
    early: int
    """How many of them were written before the moment that was asked about."""
    cut: bool
    """There may be more kinds than were asked for."""


class LogStore(Watched, Protocol):
    """Where logs are searched (Elasticsearch)."""

    def search(self, query: LogQuery) -> LogPage: ...

    def signatures(self, query: LogQuery, most: int, split: datetime) -> Signatures:
        """The `most` commonest kinds of lines among all that match.

        `split`: those before it are counted apart.
        """

    def first_seen(self, query: LogQuery, texts: Sequence[str]) -> list[datetime | None]:
        """When each signature's earliest line within `query` was written; None: there is none."""

    def newest(self, indices: Sequence[str]) -> dict[str, datetime | None]:
        """Of each index or pattern that exists, when its newest line was written."""

    def growing(self, query: LogQuery) -> Topic:
        """Never done; `progress` changes whenever there are more lines that match."""

    def link(self, query: LogQuery, data_view: str) -> str:
        """A page that shows the same lines (Kibana), or "" where none is configured."""


@dataclass(frozen=True)
class Measured:
    """One series of numbers at one moment."""

    labels: Mapping[str, str]
    value: float


class Metrics(Protocol):
    """Where numbers about everything are kept (Prometheus)."""

    def query(self, expression: str) -> list[Measured]:
        """`expression` is ours (PromQL), never what somebody typed."""


@dataclass(frozen=True)
class Shipped:
    """What passed through one node of a log shipper since it was started; rates are events a second."""

    name: str
    taken: int = 0
    filtered: int = 0
    given: int = 0
    taken_rate: float | None = None
    given_rate: float | None = None
    trouble: str = ""
    """Why nothing is known of it: "cannot be reached"."""

    @property
    def held(self) -> int:
        """Events that it has and nobody has taken from it yet."""
        return max(0, self.taken - self.given)


class Shipper(Protocol):
    """What brings lines into the log store (Logstash)."""

    def nodes(self) -> list[Shipped]: ...


@dataclass(frozen=True)
class Person:
    """Somebody in chat. `groups` are user group ids."""

    id: str
    name: str
    email: str = ""
    team: str = ""
    groups: frozenset[str] = frozenset()
    is_bot: bool = False
    is_guest: bool = False
    tz: str = ""
    """IANA name of their time zone, such as Europe/Berlin; empty: unknown."""
    language: str = ""
    """What they read, as `bot.language` names it: en or zh; empty: the shop's own."""


@dataclass(frozen=True)
class Letter:
    """A mail to send. With the same `id` it is the same mail, also when it is sent again."""

    id: str
    """`<...@...>`, as Message-ID writes it."""
    thread: str
    """Id of what it belongs to, in the same shape."""
    sender: str
    to: tuple[str, ...]
    subject: str
    text: str
    html: str


@dataclass(frozen=True)
class Delivery:
    """Who did not get a letter, with the server's reason: for good, and for now. Everybody else did."""

    refused: Mapping[str, str] = field(default_factory=dict)
    later: Mapping[str, str] = field(default_factory=dict)


class Mail(Protocol):
    """A mail server (SMTP)."""

    def send(self, letter: Letter) -> Delivery:
        """Raises Unavailable when nobody got it, or when nobody knows."""


HOOK = "hook:"


def hook_actor(name: str) -> str:
    """The id under which a hook asks: `hook:svn`, which no person has."""
    return HOOK + name


class Directory(Protocol):
    """Who people are (Slack)."""

    def person(self, user_id: str, team: str = "") -> Person: ...
