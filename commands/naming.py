"""What commands about operations share: naming one, and finding it for the person who asks."""

from __future__ import annotations

import re
from collections.abc import Collection

from bot.backends import Backends
from bot.faults import Refused
from bot.grammar import Count, Typed, shape
from bot.grammar.values import Version
from bot.language import N_, _
from bot.operation import Operation
from bot.ports import Person
from bot.refusals import Refusal


class OperationId(Typed, str):
    """An operation's id, as messages show it."""

    expected, example = N_("the id of an operation, such as k7f3"), "k7f3"
    bare = shape("[a-z][a-z0-9]{3}")

    @classmethod
    def read(cls, text: str) -> OperationId:
        if not re.fullmatch("[a-z][a-z0-9]{3}", text.lower()):
            raise ValueError(f"{text} is not {cls.expected}")
        return cls(text.lower())


class KeyedCount(Count):
    """A number that needs its keyword, as another one stands beside it."""

    bare = None


class Replaced(Typed, str):
    """The tag of an image, only after its keyword."""

    expected, example = N_("an image tag such as 3.2.0"), "3.2.0"

    @classmethod
    def read(cls, text: str) -> Replaced:
        return cls(Version.read(text))


def named(operation_id: str, on: Backends, kinds: Collection[str] = ("change",)) -> Operation:
    """Raises Refused when there is no operation of that id and one of these kinds."""
    operation = on.ledger.get(operation_id)
    if operation is None or operation.kind not in kinds:
        raise Refused(
            _("There is no operation `{id}`.", id=operation_id), _("Ids stand at the foot of each message.")
        )
    return operation


def must_reach(asker: Person, operation: Operation, on: Backends) -> None:
    """Raises Refused unless the asker asked for it, or may do the same to the same target."""
    if asker.id == operation.actor.id:
        return
    project, _, environment = operation.target.partition("/")
    verdict = on.policy.may(asker, operation.verb, project, environment or None)
    if isinstance(verdict, Refusal):
        raise Refused(verdict.message)
