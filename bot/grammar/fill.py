"""Loose words -> slots. One reading is taken; of several, none."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from bot.grammar.found import Finding, Loose, NotAValue
from bot.grammar.scan import Scan, fits, value_of
from bot.grammar.usage import Slot
from bot.grammar.values import Environment, Name, Version

Values = Mapping[str, Any]
Defaults = Mapping[type[Name], str]


class Clash(Finding):
    """Several values for one slot."""

    def __init__(self, slot: Slot, rivals: Sequence[Any], values: Values) -> None:
        self.slot, self.rivals, self.values = slot, rivals, values


class Several(Finding):
    """`word` may stand for any of `slots`, which gives several readings."""

    def __init__(self, word: str, slots: Sequence[Slot], readings: Sequence[Values]) -> None:
        self.word, self.slots, self.readings = word, slots, readings


class Stray(Finding):
    """Words that fit nowhere, and the slots that are still vacant."""

    def __init__(self, loose: Sequence[Loose], vacant: Sequence[Slot]) -> None:
        self.loose, self.vacant = loose, vacant


class Unfinished(Finding):
    """A keyword without a value, while its slot was filled otherwise."""

    def __init__(self, slot: Slot) -> None:
        self.slot = slot


class Lacks(Finding):
    """A slot has no value."""

    def __init__(self, slot: Slot, values: Values) -> None:
        self.slot, self.values = slot, values


Options = list[tuple[Loose, list[Slot]]]
Placing = tuple[tuple[Slot, Loose], ...]


def fill(scan: Scan, defaults: Defaults) -> dict[str, Any]:
    """Slot name -> value, complete; `defaults` for names that are required and not said. Raises a Finding."""
    return _Filling(scan, defaults).complete()


@dataclass
class _Filling:
    scan: Scan
    defaults: Defaults
    values: dict[str, Any] = field(default_factory=dict)
    clashes: list[tuple[Slot, Any]] = field(default_factory=list)
    strays: list[Loose] = field(default_factory=list)

    def complete(self) -> dict[str, Any]:
        for given in self.scan.given:
            self._put(given.slot, given.value)
        options = self._options()
        readings = self._readings(options)
        values = self.values
        values |= readings[0]
        vacant = [slot for slot in self.scan.usage.slots if slot.name not in values]
        if self.strays:
            raise Stray(self.strays, vacant)
        for slot, value in self.clashes:
            if value != values[slot.name]:
                raise Clash(slot, (values[slot.name], value), values)
        if len(readings) > 1:
            word, slots = next(option for option in options if len(option[1]) > 1)
            raise Several(word.raw, slots, [{**values, **reading} for reading in readings])
        self._other_reading()
        values |= self._by_default(vacant)
        for slot in [
            *(slot for slot in vacant if slot.required and slot.name not in values),
            *self.scan.wanting,
        ]:
            raise Unfinished(slot) if slot.name in values else Lacks(slot, values)
        return values

    def _by_default(self, vacant: Sequence[Slot]) -> dict[str, Any]:
        """What goes without saying here. With the environment its project does: `lock` is not of them all."""
        known = [slot for slot in vacant if slot.kind in self.defaults and slot not in self.scan.wanting]
        whole = any(slot.required and slot.kind is Environment for slot in known)
        return {slot.name: slot.kind(self.defaults[slot.kind]) for slot in known if slot.required or whole}

    def _put(self, slot: Slot, value: Any) -> None:
        if self.values.setdefault(slot.name, value) != value:
            self.clashes.append((slot, value))

    def _options(self) -> Options:
        """The loose words that have a place, and their places."""
        scan = self.scan
        vacant = [slot for slot in scan.usage.slots if slot.name not in self.values and slot.kind is not bool]
        filled = [slot for slot in scan.usage.slots if slot.name in self.values and slot.kind is not bool]
        options: Options = []
        for loose in scan.loose:
            if slots := [slot for slot in vacant if fits(slot, loose, scan.names)]:
                self._add(options, loose, slots)
            elif loose.asked:
                raise NotAValue(loose.asked, loose.raw, loose.at)
            elif slot := next((slot for slot in filled if fits(slot, loose, scan.names)), None):
                self._put(slot, value_of(slot, loose, scan.names))
            else:
                self.strays.append(loose)
        return options

    def _add(self, options: Options, loose: Loose, slots: list[Slot]) -> None:
        """One more word, if there is room for it beside the others."""
        if any(_placings([*options, (loose, slots)])):
            options.append((loose, slots))
            return
        for rival, others in [*options, (loose, slots)]:
            # `api to web`: that web is no environment says more than that there is one project too many
            if rival.asked and any(slot in slots for slot in others):
                raise NotAValue(rival.asked, rival.raw, rival.at)
        self.clashes.append((slots[0], value_of(slots[0], loose, self.scan.names)))

    def _readings(self, options: Options) -> list[dict[str, Any]]:
        """What the loose words may mean: one reading, or several equally good ones."""
        readings: list[dict[str, Any]] = []
        for placing in _best(list(_placings(options))):
            reading = {slot.name: value_of(slot, loose, self.scan.names) for slot, loose in placing}
            if reading not in readings:
                readings.append(reading)
        return readings

    def _other_reading(self) -> None:
        """`deploy web at trunk`: the line of code, or the environment, which is still missing?"""
        names, values = self.scan.names, self.values
        for given in self.scan.given:
            if not given.by_preposition or issubclass(given.slot.kind, Name):
                continue
            for slot in self.scan.usage.named:
                known = names[slot.kind]
                if slot.required and slot.name not in values and given.word in known:
                    rest = {name: value for name, value in values.items() if name != given.slot.name}
                    other = {**rest, slot.name: slot.kind(known[given.word])}
                    places = () if given.slot.kind is Version else dict.fromkeys(known.values())
                    kept = [
                        {**values, slot.name: slot.kind(name)} for name in places
                    ]  # a branch may be `trunk`
                    raise Several(given.word, (slot, given.slot), [other, *kept])


def _placings(options: Options) -> Iterator[Placing]:
    """Every way to give each loose word a slot of its own."""
    if not options:
        yield ()
        return
    (loose, slots), *rest = options
    for slot in slots:
        others = [(other, [free for free in frees if free is not slot]) for other, frees in rest]
        if all(frees for _, frees in others):
            for placing in _placings(others):
                yield ((slot, loose), *placing)


def _best(placings: list[Placing]) -> list[Placing]:
    """Those that leave the least to ask for. A single word takes the slot that needs no keyword."""
    if len(placings) == 1:
        return placings
    most = max(sum(slot.required for slot, _ in placing) for placing in placings)
    best = [placing for placing in placings if sum(slot.required for slot, _ in placing) == most]
    if len(best[0]) == 1:
        return [next((placing for placing in best if not placing[0][0].keyword), best[0])]
    return best
