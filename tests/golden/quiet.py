"""A shop without servers: a real memory, the sample's rules made stricter, and systems that say what they are told
to say. What a command answers is rendered at once."""

from __future__ import annotations

import re
import time
from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field, replace
from itertools import count
from pathlib import Path
from typing import Any, cast

from bot.actors import Actors
from bot.app import App
from bot.command import Command
from bot.dispatcher import Request
from bot.environment import Environment
from bot.faults import Failed, NeedsPerson, Refused, Unavailable
from bot.grammar import Parsed
from bot.language import _, speaking, spoken
from bot.ledger import PREFIX
from bot.operation import Origin
from bot.ports import Built, LogPage, Person, Place, Pushed, Seen, Signatures, Topic
from bot.reply import Reply, says
from bot.workloads import Revision, Workload
from integrations import slack_blocks
from tests.golden import drawn
from tests.golden.plainly import same
from tests.golden.telling import INDENT
from tests.ledger_support import CHANNEL, memory
from tests.sample import ENV, changed_shop
from tests.test_policy import PEOPLE, TEAM

REST = {"zone": "Asia/Shanghai", "because": "we rest"}
KEYS = count(1)
APPROVAL = {"count": 2, "role": "oncall", "who": "<!subteam^S0ONCALL>", "minutes": 15}


def stricter(plain: dict[str, Any]) -> None:
    """Approvals for what goes to product, a freeze of dev that never ends, and some things that are not there."""
    where = plain["environments"]
    where["product"]["approvals"] = {"count": 2, "role": "oncall", "minutes": 15}
    where["product"]["promotion"] = {"after": "hidden", "minutes": 0, "needs_pass": False}
    where["dev"]["freezes"] = [
        {"starts": "Mon 00:00", "ends": "Thu 12:00", **REST},
        {"starts": "Thu 12:00", "ends": "Mon 00:00", **REST},
    ]
    plain["projects"]["api"]["environments"] = {"dev": None, "trunk": None, "product": None}
    plain["projects"]["shop"]["environments"] = {"dev": None, "trunk": {"line": "next"}}
    plain["roles"]["newcomer"] = {
        "members": {"users": ["U0NOBODY"]},
        "may": [{"commands": ["changes"], "environments": ["trunk"]}],
    }


class People:
    """Those of the tests of the policy, who read the language spoken; `fails`: what is raised instead, if anything."""

    fails: Exception | None = None

    def person(self, user_id: str, _team: str = "") -> Person:
        if self.fails is not None:
            raise self.fails
        known = next(person for person in PEOPLE.values() if person.id == user_id)
        return replace(known, language=spoken())


@dataclass
class Systems:
    """Stands where the cluster, the registry, Jenkins and the log store do. An exception is raised."""

    runs: dict[str, Workload | Exception] = field(default_factory=dict)
    """By environment."""
    kept: list[Pushed] = field(default_factory=list)
    named: dict[str, Pushed] = field(default_factory=dict)
    made: list[Built] = field(default_factory=list)
    pages: list[LogPage | Exception] = field(default_factory=list)
    past: list[Revision] | Exception = field(default_factory=list)
    seen: Seen | Exception | None = None

    def acting_for(self, _person: Person) -> Systems:
        return self

    def workload(self, place: Place) -> Workload:
        what = f"{place.kind} {place.namespace}/{place.name}"
        none = _("{system} has no {what}.", system="Kubernetes (main)", what=what)
        found: Workload = _or_raised(self.runs.get(place.namespace, Refused(none)))
        return found

    def workloads(self, places: list[Place]) -> dict[Place, Workload]:
        found = ((place, self.runs.get(place.namespace)) for place in places)
        return {place: one for place, one in found if isinstance(one, Workload)}

    def look(self, _topic: Topic) -> Seen:
        return _or_raised(self.seen)  # type: ignore[no-any-return] # as it was put there

    def image(self, place: Place) -> str:
        return self.workload(place).image

    images = image

    def revisions(self, _place: Place) -> list[Revision]:
        found: list[Revision] = _or_raised(self.past)
        return found

    def rollout(self, *_what: object) -> Topic:
        return Topic("anything", "main", "rollout", ())

    building = rollout

    def find(self, image: str) -> Pushed | None:
        return self.named.get(image)

    def newest(self, _where: object, most: int = 0) -> Any:
        """Of a registry its newest images, of a log store the newest line of each index: none."""
        return self.kept[:most] if most else {}

    def builds(self, _job: str, _most: int) -> list[Built]:
        return self.made

    def build(self, _job: str, number: int) -> Built | None:
        return next((one for one in self.made if one.number == number), None)

    def stop(self, _job: str, _number: int) -> str:
        return ""

    def link(self, *_asked: object) -> str:
        return ""

    console = link

    def pods(self, _place: Place) -> list[None]:
        return []

    def signatures(self, *_asked: object) -> Signatures:
        return Signatures([], 0, 0, False)

    def first_seen(self, _query: object, texts: list[str]) -> list[None]:
        return [None] * len(texts)

    def search(self, _query: object) -> LogPage:
        found: LogPage = _or_raised(self.pages.pop(0))
        return found


def _or_raised(found: Any) -> Any:
    if isinstance(found, Exception):
        raise found
    return found


class Quiet:
    def __init__(self, app: App) -> None:
        self.app = app
        self.people, self.systems = People(), Systems()
        app.directory = Actors(self.people, app.settings.hooks, TEAM, app.preferences.language)
        makers: dict[str, Any] = app.backends.makers
        for system in ("kubernetes", "jenkins", "registry", "elasticsearch"):
            makers[system] = lambda _name: self.systems
        self.redis: Any = app.redis

    def begin(self) -> None:
        """Nothing asked, nothing known."""
        for key in self.redis.scan_iter(PREFIX + "*"):
            self.redis.delete(key)
        self.people.fails = None
        vars(self.systems).update(vars(Systems()))

    def ids(self) -> list[str]:
        """Of the operations."""
        return [key.rpartition(":")[2] for key in self.redis.scan_iter(PREFIX + "op:*")]

    def asks(self, text: str, by: str = "ops", **fields: Any) -> Reply:
        """Through the door; a question is answered here and now."""
        person = PEOPLE[by]
        origin = Origin(CHANNEL, key=f"golden-{next(KEYS)}")
        parsed = self.app.catalogue.parse(text)
        command = cast(Command, parsed.command) if isinstance(parsed, Parsed) else None
        if command is None or command.kind != "query":
            reply = self.app.dispatcher.decide(Request(text, person.id, TEAM, origin, **fields))
            return reply or says("…")
        try:
            return cast(Any, command).answer(person, self.app.backends)  # type: ignore[no-any-return] # a query
        except (Refused, Unavailable, Failed, NeedsPerson) as trouble:
            return says(f":no_entry_sign: {words(trouble)}")


def words(trouble: Exception) -> str:
    return trouble.words if isinstance(trouble, Refused | Unavailable) else str(trouble)


def told(found: Reply | str) -> list[str]:
    if isinstance(found, str):
        return drawn.named("told", found)
    return drawn.message(slack_blocks.summary(found), slack_blocks.blocks(found))


@contextmanager
def quiet_shop(folder: Path) -> Iterator[Quiet]:
    config = changed_shop(folder, stricter)
    with memory(folder) as redis:
        options = redis.connection_pool.connection_kwargs
        address = f"redis://{options['host']}:{options['port']}" if "host" in options else options["path"]
        url = address if "://" in address else f"unix://{address}"
        variables = {**ENV, "SHIPMATE_CONFIG": str(config), "REDIS_URL": url, "SLACK_BOT_TOKEN": "xoxb-none"}
        yield Quiet(App(Environment.read(variables)))


Cases = Iterator[tuple[str, Callable[[], Reply | str]]]
"""What happens, and what is told then."""


def rendered(title: str, shop: Quiet, subjects: Iterable[Callable[[Quiet], Cases]], language: str) -> str:
    """Each subject in a shop of its own."""
    lines, ids = [f"# {title}", ""], list[str]()
    with speaking(language):
        for subject in subjects:
            shop.begin()
            for what, do in subject(shop):
                lines += [f"({what})", "", *(f"{INDENT}{line}" for line in told(do())), ""]
            ids += shop.ids()
    return re.sub("`[0-9a-f]{8}`", "`<reference>`", same("\n".join(lines), ids))


def ago(seconds: float) -> float:
    return time.time() - seconds
