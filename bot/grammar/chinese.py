"""Chinese words of a line -> the English words of the grammar, so that both have one set of rules.

Chinese is written without spaces: `部署web到trunk`, `日志web最近15分钟错误`. A run of Chinese characters is
cut into words of the table; a run that is not made of them alone stays as it is, and is then not understood:
nothing is guessed. Only the words change: places in the line stay, so that a text (what to search for, a
reason) is still read as it was typed.
"""

import re
from collections.abc import Collection, Mapping, Sequence
from enum import Enum
from itertools import pairwise
from typing import NamedTuple

from bot.grammar.segment import segment
from bot.grammar.words import Word

COMMANDS: Mapping[str, str] = {
    "部署": "deploy", "重新部署": "deploy", "发布": "deploy", "上线": "deploy", "发版": "deploy",
    "回滚": "rollback", "回退": "rollback", "退回": "rollback", "撤回": "rollback", "恢复到": "rollback",
    "扩容": "scale", "缩容": "scale", "扩缩容": "scale", "伸缩": "scale", "扩展": "scale", "调整副本": "scale",
    "日志": "logs", "查日志": "logs", "看日志": "logs", "日志管道": "pipeline", "日志链路": "pipeline",
    "状态": "status", "查状态": "status",
    "历史": "history", "历史记录": "history", "部署历史": "history", "部署记录": "history",
    "取消": "cancel", "中止": "cancel", "终止": "cancel", "取消操作": "cancel",
    "批准": "approve", "同意": "approve", "审批通过": "approve",
    "拒绝": "deny", "驳回": "deny",
    "重试": "retry", "再试": "retry", "采用": "adopt", "放弃": "giveup", "确认继续": "proceed", "确认执行": "proceed",
    "重启": "restart", "暂停": "pause", "暂停发布": "pause", "继续": "resume", "恢复": "resume", "上下限": "bounds",
    "询问": "ask", "求助": "ask", "保留": "keep", "这里是": "here", "本频道是": "here",
    "锁定": "lock", "加锁": "lock", "占用": "lock", "解锁": "unlock", "释放": "unlock", "锁列表": "locks",
    "延长": "extend", "冻结": "freeze", "封版": "freeze", "解冻": "unfreeze", "解封": "unfreeze",
    "计划": "scheduled", "定时任务": "scheduled", "看板": "board", "总览": "board",
    "晋级": "promote", "提升": "promote", "通过": "pass", "测试通过": "pass", "不通过": "fail", "测试不通过": "fail",
    "编译": "build", "变更": "changes", "改动": "changes", "镜像": "images", "邮件": "mail", "通知邮件": "mail",
    "主页": "home", "首页": "home", "设置": "settings", "我的设置": "settings", "个人设置": "settings",
    "关注": "follow", "取消关注": "unfollow", "不再关注": "unfollow",
    "效果": "effect", "前后对比": "effect", "值班": "oncall", "改了什么": "changed", "最近改动": "changed",
    "帮助": "help", "怎么用": "help", "我是谁": "whoami", "我的权限": "whoami",
}  # fmt: skip
"""For the verb of every command; tests/grammar/test_chinese.py says which one lacks a word."""

SMALL: Mapping[str, str] = {
    "到": "to", "至": "to", "直到": "to", "在": "in", "从": "from", "替换": "replacing", "取代": "replacing",
    "最近": "since", "过去": "since", "近": "since",
    "级别": "level", "调试": "debug", "信息": "info", "警告": "warn", "告警": "warn",
    "错误": "error", "报错": "error", "致命": "fatal",
    "搜索": "grep", "搜": "grep", "查找": "grep", "包含": "grep", "含有": "grep",
    "最多": "limit", "因为": "because", "原因": "because", "理由": "because",
    "上个版本": "previous", "上一版": "previous", "上一版本": "previous", "上一个版本": "previous",
    "上一个": "previous", "上一次": "previous", "上次": "previous", "前一个": "previous", "前一次": "previous",
    "前一版": "previous", "前一版本": "previous", "前一个版本": "previous", "前个版本": "previous",
    "标签": "tag", "分支": "branch", "修订": "revision", "构建": "build",
    "语言": "language", "页": "page", "中文": "zh", "英文": "en", "英语": "en", "私信": "messages",
    "免打扰": "quiet", "勿扰": "quiet", "开": "on", "开启": "on", "打开": "on", "关": "off", "关闭": "off",
    "明天": "tomorrow", "今天": "today", "今晚": "tonight", "今夜": "tonight", "晚上": "tonight", "稍后": "later",
    "周一": "monday", "周二": "tuesday", "周三": "wednesday", "周四": "thursday", "周五": "friday",
    "周六": "saturday", "周日": "sunday", "周天": "sunday",
    "星期一": "monday", "星期二": "tuesday", "星期三": "wednesday", "星期四": "thursday",
    "星期五": "friday", "星期六": "saturday", "星期日": "sunday", "星期天": "sunday",
    "秒": "s", "秒钟": "s", "分钟": "min", "分": "min", "小时": "h", "个小时": "h", "钟头": "h", "天": "d",
    "周": "w", "星期": "w", "前": "ago", "之前": "ago", "以前": "ago",
    "不": "not", "不要": "not", "别": "not", "先别": "not", "不用": "not", "如果": "if", "除非": "unless",
}  # fmt: skip

NOISE = frozenset(
    {
        "请", "请帮我", "帮我", "帮忙", "麻烦", "麻烦你", "劳驾", "能帮我", "能不能帮我", "可以帮我", "谢谢", "多谢",
        "一下", "下", "吧", "啊", "哈", "的", "给", "我要", "我想", "想要",
        "副本", "个副本", "实例", "个实例", "条", "行", "项目", "服务", "环境", "里",
        "里面", "中", "上面", "版本", "全部", "现在", "立即", "马上", "你好", "您好",
    }
)  # fmt: skip
"""Small words that say nothing of what is wanted. `了` and `吗` are none: whoever asks whether something was
deployed does not ask for it."""

READS = frozenset(
    {
        "board", "changed", "changes", "effect", "help", "history", "home", "images", "locks", "logs", "mail", "oncall",
        "pipeline", "scheduled", "settings", "status", "whoami",
    }
)  # fmt: skip
"""The verbs of commands that change nothing: what is in doubt in them does no harm."""

LOOKING = frozenset(
    {"查看", "查询", "看", "看看", "看一下", "看下", "查", "查一下", "查下", "查查", "显示", "列出"}
)
"""Whoever says these wants to see something: before a change they are a question, never an order."""

TAKING = frozenset({"把", "将"})
"""`把web重启`: what these stand before comes before its verb, and it is an order nevertheless."""

DOUBTFUL = frozenset({"呢", "内", "之内", "以内", "以上", "以下", "左右", "大约", "大概", "差不多", "约"})
"""They make a question or an estimate of what is said; in what only reads they say nothing."""

COUNTING = frozenset({"个", "上", "为"})
"""`六个` is a number of replicas, `上2个` is no version: what these mean depends on the words around them."""

_TEXT_FOLLOWS = {"grep": False, "because": True}
"""What these are followed by is text: one word, or all the rest."""
_UNITS = frozenset({"s", "min", "h", "d", "w"})
_PLACED = frozenset({"from", "to", "in"})
_NUMBERED = frozenset({"from", "to", "by", "replacing"})
_DIGITS = {"〇": 0, "零": 0, "两": 2} | {
    digit: number for number, digit in enumerate("一二三四五六七八九", 1)
}
_WEIGHED = LOOKING | TAKING | DOUBTFUL | COUNTING
_NEXT_WEEK = frozenset(
    f"下{week}{day}" for week in ("周", "星期", "个星期") for day in ("", *"一二三四五六日天")
)
_CHINESE = r"\u3400-\u4dbf\u4e00-\u9fff\u3007"
_HAS_CHINESE = re.compile(f"[{_CHINESE}]")
_AFTERNOON = {"下午": 12, "晚上": 12, "傍晚": 12, "今晚": 12}
_CLOCK = re.compile(
    "(?P<day>今天|明天|今晚)?(?P<half>上午|早上|凌晨|下午|傍晚|晚上)?(?P<hour>[0-9]{1,2}|[一二两三四五六七八九十]{1,3})[点时]"
    "(?:(?P<minute>[0-9]{1,2}|[一二三四五六七八九十]{1,3})分?|(?P<thirty>半)|整)?(?!间)"
)
_ONES = "[一二两三四五六七八九]"
_LENGTH = re.compile(
    f"(?<![0-9个一二两三四五六七八九十])(?:(?P<whole>[0-9]{{1,3}}|(?:{_ONES}?十)?{_ONES}|{_ONES}?十)个)?"
    "半个?(?:小时|钟头)|(?P<quarters>[一三])刻钟"
)
"""What is no whole number of hours: `半小时`, `一个半小时`, `三刻钟`. `半天` may be a morning, and is none."""
_EVENING = re.compile(r"(?:1[7-9]|2[0-3]):[0-9]{2}")
_PIECE = re.compile(rf"[{_CHINESE}]+|[^{_CHINESE}]+")
_QUOTES = re.compile(rf"(?<=[{_CHINESE}])(?=[“「『])|(?<=[”」』])(?=[{_CHINESE}])")


def spaced(line: str) -> str:
    """`line` with a space between a Chinese character and a quotation: `搜索「订单 4711」`."""
    return line if line.isascii() else _QUOTES.sub(" ", line)


class Doubt(Enum):
    """Why a line that could be a change is asked about."""

    LOOKS = "looks"  # a word of looking before a change
    AMOUNT = "amount"  # a number that may be how many, or how many more
    COUNTED = "counted"  # a number of versions, or of something else that is only counted
    ASKS = "asks"  # a statement, a question or an estimate as well as an order


class Reading(NamedTuple):
    """The words in English, and why they must not be acted on, if so."""

    words: tuple[Word, ...]
    doubt: Doubt | None = None


class Chinese:
    """`verbs`: what may begin a command -> its verb, in English. `names`: what may stand for a project or an
    environment, Chinese ones among them."""

    def __init__(self, verbs: Mapping[str, str], names: Collection[str]) -> None:
        self._verbs = verbs
        self._names = frozenset(names)
        meanings: dict[str, str] = {**SMALL, **COMMANDS}
        self._meanings = meanings | {name: name for name in names if _HAS_CHINESE.search(name)}
        self._known = self._meanings.keys() | NOISE | _WEIGHED | _NEXT_WEEK

    def read(self, words: Sequence[Word]) -> Reading:
        """`words` with the Chinese ones in English, and the verb first where that is not in doubt."""
        if not any(_HAS_CHINESE.search(word.text) for word in words):
            return Reading(tuple(words))
        found: list[Word] = []
        for word in words:
            follows = _TEXT_FOLLOWS.get(found[-1].text) if found and not found[-1].quoted else None
            rest = any(_TEXT_FOLLOWS.get(before.text) for before in found)
            if word.quoted or word.value or follows is not None or rest or not _HAS_CHINESE.search(word.text):
                found.append(word)
            else:
                found += self._split(word)
        ordered = self._verb_first(found)
        return self._weighed(ordered, stated=ordered is not found and self._stated(found, ordered[0]))

    def _weighed(self, words: list[Word], *, stated: bool) -> Reading:
        """What is small and means something only beside other words: taken, passed over, or doubted."""
        verb = self._verb([word.text for word in words if word.text not in _WEIGHED])
        taken: list[Word] = []
        marks: list[str] = []
        reason = next((i for i, word in enumerate(words) if _TEXT_FOLLOWS.get(word.text)), len(words))
        for i, word in enumerate(words):
            before = words[i - 1].text if i else ""
            after = words[i + 1].text if i + 1 < len(words) else ""
            if i > reason or word.quoted or before in _TEXT_FOLLOWS or word.text not in _NOTED:
                taken.append(word)
            elif word.text in _NUMERALS:
                taken.append(_counted(word, verb, before, after))
            elif word.text == "tonight":
                taken.append(word._replace(text="today", raw="today") if _EVENING.fullmatch(after) else word)
            elif word.text == "为" and verb == "scale":
                taken.append(word._replace(text="to", raw="to"))
            elif word.text not in TAKING and _tells(word.text, verb, before, after):
                marks.append(word.text)
        return Reading(tuple(taken), _doubt(verb, taken, marks, stated=stated))

    def _verb(self, texts: Sequence[str]) -> str:
        """As the grammar finds it: one word, or two (`roll back`)."""
        return self._verbs.get(" ".join(texts[:2])) or self._verbs.get(texts[0], "") if texts else ""

    def _stated(self, said: list[Word], verb: Word) -> bool:
        """`web product 重启` tells of a restart as well as it asks for one; `把web重启` does not."""
        before = said[: said.index(verb)]
        if self._verbs[verb.text] in READS or any(word.text in TAKING for word in before):
            return False
        texts = ["", *(word.text for word in before)]
        return any(name in self._names and last not in _PLACED for last, name in pairwise(texts))

    def _split(self, word: Word) -> list[Word]:
        """The words that `word` is made of; itself when they are not all known."""
        found: list[Word] = []
        at = 0
        while at < len(word.raw):
            if clock := _CLOCK.match(word.raw, at):
                found += _moment(clock, word.start)
                at = clock.end()
                continue
            if length := _LENGTH.match(word.raw, at):
                found.append(_length(length, word.start))
                at = length.end()
                continue
            piece = _PIECE.match(word.raw, at)
            assert piece is not None
            if not _HAS_CHINESE.match(piece[0]):
                found += _other(piece, word.start)
                at = piece.end()
                continue
            stop = _before_time(word.raw, at, piece.end())
            meant = self._run(word.raw[at:stop], word.start + at)
            if meant is None:
                return [word]
            found += meant
            at = stop
            if found and found[-1].text in _TEXT_FOLLOWS and at < len(word.raw):
                return [*found, _literal(word.raw[at:], word.start + at)]
        return found

    def _run(self, run: str, start: int) -> list[Word] | None:
        """The words of a run of Chinese characters; None when they are not all known."""
        pieces = segment(run, self._known, lambda piece: _number(piece) is not None)
        if not pieces:
            return self._with_text(run, start)
        found = []
        for piece in pieces:
            kept = piece if piece in _WEIGHED | _NEXT_WEEK or _number(piece) is not None else ""
            meaning = self._meanings.get(piece, kept)
            if meaning:
                found.append(Word(meaning, meaning, start, start + len(piece)))
            start += len(piece)
        return found

    def _with_text(self, run: str, start: int) -> list[Word] | None:
        """`搜索连接超时`: the words up to one that text follows, and the text."""
        for stop in range(len(run) - 1, 0, -1):
            pieces = segment(run[:stop], self._known, lambda piece: _number(piece) is not None)
            if pieces and self._meanings.get(pieces[-1]) in _TEXT_FOLLOWS:
                before = self._run(run[:stop], start)
                return [*(before or ()), _literal(run[stop:], start + stop)]
        return None

    def _verb_first(self, words: list[Word]) -> list[Word]:
        """`把web部署到trunk`: Chinese puts the verb later. Moved when there is just one."""
        if not words or words[0].text in self._verbs:
            return words  # the very list: nothing was moved
        verbs = [
            i for i, word in enumerate(_before_text(words)) if word.text in self._verbs and not word.quoted
        ]
        if len(verbs) != 1:
            return words
        return [words[verbs[0]], *words[: verbs[0]], *words[verbs[0] + 1 :]]


def _counted(word: Word, verb: str, before: str, after: str) -> Word:
    """A number in Chinese characters, in digits where a number is meant: `两个` may be `the two of them`."""
    meant = after in _UNITS or before in ("limit", "since") or verb == "scale"
    number = str(_number(word.text))
    return word._replace(text=number, raw=number) if meant else word


def _tells(mark: str, verb: str, before: str, after: str) -> bool:
    """Whether the small word says something here that must be asked about."""
    match mark:
        case "个":
            return verb not in READS and verb != "scale" and (before.isdecimal() or before in _NUMERALS)
        case "上":
            return after[:1].isdecimal() or after in _NUMERALS or after == "previous"
    return verb not in READS


def _doubt(verb: str, words: list[Word], marks: list[str], *, stated: bool) -> Doubt | None:
    if not verb:
        return None  # nothing is acted on without one
    if LOOKING.intersection(marks):
        return Doubt.LOOKS
    if verb == "scale" and any(
        word.text.isdecimal() and before.text not in _NUMBERED for before, word in pairwise(words)
    ):
        return Doubt.AMOUNT
    if verb == "rollback" and any(word.text in _UNITS or word.text == "ago" for word in words):
        return Doubt.COUNTED  # `三天前` is no version 3
    if COUNTING.intersection(marks) or (
        verb not in READS and any(word.text in _NUMERALS and not word.quoted for word in _before_text(words))
    ):
        return Doubt.COUNTED
    return Doubt.ASKS if marks or stated else None


def _before_text(words: Sequence[Word]) -> Sequence[Word]:
    """Without a text at the end, such as a reason: what stands in it is not read."""
    reasons = (i for i, word in enumerate(words) if word.text in _TEXT_FOLLOWS and not word.quoted)
    return words[: next(reasons, len(words))]


def _literal(raw: str, start: int) -> Word:
    return Word(raw.lower(), raw, start, start + len(raw))


def _other(piece: re.Match[str], start: int) -> list[Word]:
    """What stands between Chinese words, without the punctuation at its ends."""
    raw = piece[0].strip(",;:!?")
    at = start + piece.start() + piece[0].find(raw)
    return [_literal(raw, at)] if raw else []


def _before_time(text: str, at: int, end: int) -> int:
    """Where the run ends: `明天上午九点` begins a time of day in the middle of it, `半小时` a length."""
    found = (_CLOCK.search(text, at), _LENGTH.search(text, at))
    return min([end, *(time.start() for time in found if time and at < time.start())])


def _length(said: re.Match[str], start: int) -> Word:
    """`一个半小时` -> `90m`."""
    minutes = _read(said["whole"] or "0") * 60 + 30 if not said["quarters"] else _read(said["quarters"]) * 15
    text = f"{minutes}m"
    return Word(text, text, start + said.start(), start + said.end())


def _moment(clock: re.Match[str], start: int) -> list[Word]:
    """`明天下午3点半` -> `tomorrow 15:30`."""
    hour, minute = _read(clock["hour"]), 30 if clock["thirty"] else _read(clock["minute"] or "0")
    if hour < 12:
        hour += _AFTERNOON.get(clock["half"] or clock["day"] or "", 0)
    text = f"{hour:02}:{minute:02}"
    where = (start + clock.start(), start + clock.end())
    day = {"明天": "tomorrow", "今天": "today", "今晚": "today"}.get(clock["day"] or "")
    return [*([Word(day, day, *where)] if day else []), Word(text, text, *where)]


def _read(text: str) -> int:
    number = int(text) if text.isascii() else _number(text)
    return 99 if number is None else number  # no time of day: it is then said to be none


def _number(text: str) -> int | None:
    """`6` for `六`, `15` for `十五`, up to 99; None for what is no number."""
    tens, ten, ones = text.rpartition("十")
    if not ten:
        return _DIGITS.get(text)
    if (tens and tens not in _DIGITS) or (ones and ones not in _DIGITS):
        return None
    return _DIGITS.get(tens, 1) * 10 + _DIGITS.get(ones, 0)


_NUMERALS = frozenset(
    {*_DIGITS, "十"} | {f"{tens}十{ones}" for tens in ("", *_DIGITS) for ones in ("", *_DIGITS)}
)
_NOTED = _WEIGHED | _NUMERALS | {"tonight"}
