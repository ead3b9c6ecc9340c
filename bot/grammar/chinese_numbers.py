"""Numbers, times of day and lengths of time as Chinese writes them."""

import re

from bot.grammar.words import Word

DIGITS = {"〇": 0, "零": 0, "两": 2} | {digit: number for number, digit in enumerate("一二三四五六七八九", 1)}
NUMERALS = frozenset(
    {*DIGITS, "十"} | {f"{tens}十{ones}" for tens in ("", *DIGITS) for ones in ("", *DIGITS)}
)
_AFTERNOON = {"下午": 12, "晚上": 12, "傍晚": 12, "今晚": 12}
CLOCK = re.compile(
    "(?P<day>今天|明天|今晚)?(?P<half>上午|早上|凌晨|下午|傍晚|晚上)?(?P<hour>[0-9]{1,2}|[一二两三四五六七八九十]{1,3})[点时]"
    "(?:(?P<minute>[0-9]{1,2}|[一二三四五六七八九十]{1,3})分?|(?P<thirty>半)|整)?(?!间)"
)
EVENING = re.compile(r"(?:1[7-9]|2[0-3]):[0-9]{2}")
_ONES = "[一二两三四五六七八九]"
LENGTH = re.compile(
    f"(?<![0-9个一二两三四五六七八九十])(?:(?P<whole>[0-9]{{1,3}}|(?:{_ONES}?十)?{_ONES}|{_ONES}?十)个)?"
    "半个?(?:小时|钟头)|(?P<quarters>[一三])刻钟"
)
"""What is no whole number of hours: `半小时`, `一个半小时`, `三刻钟`. `半天` may be a morning, and is none."""
_AMOUNT = f"(?P<amount>[0-9]{{1,3}}|(?:{_ONES}?十)?{_ONES}|{_ONES}?十)个?(?P<unit>小时|钟头|分钟|天)"
DELAY = re.compile(f"(?P<passes>(?<!通)过)?(?:{LENGTH.pattern}|{_AMOUNT})(?(passes)(?:[之以]?后)?|[之以]?后)")
"""When to begin: `两小时后`, `过半小时`."""
_UNITS = {"小时": "h", "钟头": "h", "分钟": "m", "天": "d"}


def literal(raw: str, start: int) -> Word:
    return Word(raw.lower(), raw, start, start + len(raw))


def before_time(text: str, at: int, end: int) -> int:
    """Where the run ends: `明天上午九点` begins a time of day in the middle of it, `半小时` a length."""
    found = (shape.search(text, at) for shape in (CLOCK, DELAY, LENGTH))
    return min([end, *(time.start() for time in found if time and at < time.start())])


def length_of(said: re.Match[str], start: int) -> Word:
    """`一个半小时` -> `90m`."""
    minutes = _read(said["whole"] or "0") * 60 + 30 if not said["quarters"] else _read(said["quarters"]) * 15
    text = f"{minutes}m"
    return Word(text, text, start + said.start(), start + said.end())


def delay_of(said: re.Match[str], start: int) -> list[Word]:
    """`两小时后` -> `in 2h`."""
    where = (start + said.start(), start + said.end())
    amount = (
        f"{_read(said['amount'])}{_UNITS[said['unit']]}" if said["amount"] else length_of(said, start).text
    )
    return [Word("in", "in", *where), Word(amount, amount, *where)]


def moment(clock: re.Match[str], start: int) -> list[Word]:
    """`明天下午3点半` -> `tomorrow 15:30`."""
    hour, minute = _read(clock["hour"]), 30 if clock["thirty"] else _read(clock["minute"] or "0")
    if hour < 12:
        hour += _AFTERNOON.get(clock["half"] or clock["day"] or "", 0)
    text = f"{hour:02}:{minute:02}"
    where = (start + clock.start(), start + clock.end())
    day = {"明天": "tomorrow", "今天": "today", "今晚": "today"}.get(clock["day"] or "")
    return [*([Word(day, day, *where)] if day else []), Word(text, text, *where)]


def _read(text: str) -> int:
    number = int(text) if text.isascii() else number_of(text)
    return 99 if number is None else number  # no time of day: it is then said to be none


def number_of(text: str) -> int | None:
    """`6` for `六`, `15` for `十五`, up to 99; None for what is no number."""
    tens, ten, ones = text.rpartition("十")
    if not ten:
        return DIGITS.get(text)
    if (tens and tens not in DIGITS) or (ones and ones not in DIGITS):
        return None
    return DIGITS.get(tens, 1) * 10 + DIGITS.get(ones, 0)
