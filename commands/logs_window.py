"""The stretch of time that a question about logs is about, in the zone of whoever asks."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING

from bot.faults import Refused
from bot.language import N_, _
from bot.words import duration

if TYPE_CHECKING:
    from bot.grammar import Between
    from commands.logs import Logs

SINCE: dict[str | None, timedelta] = {None: timedelta(minutes=15), "top": timedelta(hours=1)}
"""What is meant when nothing is said, by view."""
BESIDE = timedelta(minutes=5)
"""`around` means so much before and after."""
LONGEST = timedelta(days=31)
OLDEST = timedelta(days=3650)
MONTHS = (
    N_("Jan"), N_("Feb"), N_("Mar"), N_("Apr"), N_("May"), N_("Jun"),
    N_("Jul"), N_("Aug"), N_("Sep"), N_("Oct"), N_("Nov"), N_("Dec"),
)  # fmt: skip


@dataclass(frozen=True)
class Window:
    """From `since` to `until`, which is not included; `now` is when it was asked for, in the asker's zone.

    Both ends are in UTC, where a length is a length on the day that clocks change as well.
    """

    since: datetime
    until: datetime
    now: datetime
    words: str
    """ "in 15 min", "between 14:00 and 14:10"."""

    @property
    def reaches_now(self) -> bool:
        return self.until >= self.now

    @property
    def length(self) -> timedelta:
        return self.until - self.since

    @property
    def wider(self) -> tuple[datetime, datetime]:
        """Four times as long: back from now, or around the same middle."""
        length = min(self.length * 4, LONGEST)
        if self.reaches_now:
            return self.until - length, self.until
        since = self.since - (length - self.length) / 2
        return since, min(since + length, self.now)


def window_of(asked: Logs, now: datetime) -> Window:
    """Raises Refused when several were given, or one ends before it begins."""
    if sum(given is not None for given in (asked.since, asked.between, asked.around)) > 1:
        raise Refused(
            _("Give one stretch of time."), _("`since 1h`, `between 14:00 and 14:10` or `around 14:05`.")
        )
    try:
        window = _meant(asked, now)
    except OverflowError:  # there is no day before the first
        raise _too_long_ago() from None
    if window.since < window.now - OLDEST:
        raise _too_long_ago()
    if window.length <= timedelta():
        raise Refused(
            _("That time is still to come."), _("Logs are of the past: `since 1h`, `around 14:05`.")
        )
    return window


def _too_long_ago() -> Refused:
    return Refused(_("That is too long ago: I look back {years} years at most.", years=OLDEST.days // 365))


def _turned_round(asked: Logs, between: Between) -> Refused:
    first, _and, second = between.partition(" and ")
    target = f"{asked.project} in {asked.environment}"
    if first == second:
        return Refused(
            _("{time} is one moment, not a stretch of time.", time=first),
            _("Around it: `{command}`.", command=f"logs {target} around {first}"),
        )
    turned = f"logs {target} between {second} and {first}"  # not said: a command
    return Refused(
        _("That stretch of time ends before it begins."),
        _("The earlier time first: `{command}`.", command=turned),
    )


def _meant(asked: Logs, now: datetime) -> Window:
    if asked.between:
        try:
            since, until = asked.between.bounds(now)
        except ValueError:
            raise _turned_round(asked, asked.between) from None
        until = min(until, now)
        words = _("between {since} and {until}", since=_clock(since, now), until=_clock(until, now))
        return _window(since, until, now, words)
    if asked.around:
        middle = asked.around.at(now).astimezone(UTC)
        beside = asked.length.delta / 2 if asked.length else BESIDE
        words = _("around {time}", time=_clock(middle, now))
        return _window(middle - beside, min(middle + beside, now), now, words)
    back = (
        asked.length.delta if asked.length and asked.view != "follow" else SINCE.get(asked.view, SINCE[None])
    )
    usual = now.astimezone(UTC) - back
    start = (asked.since.start(now) if asked.since else usual).astimezone(UTC)
    if asked.since and asked.since.duration is None:
        until = min(start + asked.length.delta, now) if asked.length and not asked.view else now
        return _window(start, until, now, _("since {time}", time=_clock(start, now)))
    return _window(start, now, now, _("in {length}", length=duration((now - start).total_seconds())))


def _window(since: datetime, until: datetime, now: datetime, words: str) -> Window:
    return Window(since.astimezone(UTC), until.astimezone(UTC), now, words)


def _clock(at: datetime, now: datetime) -> str:
    """As short as it is clear."""
    at = at.astimezone(now.tzinfo)
    clock = f"{at:%H:%M}" if not at.second else f"{at:%H:%M:%S}"
    if at.date() == now.date():
        return clock
    return _("{day} {time}", day=day_of(at), time=clock)


def day_of(at: datetime) -> str:
    """`3 Nov`, as the reader's language has it."""
    return _("{day} {month}", day=at.day, month=_(MONTHS[at.month - 1]))
