"""What `logs` can be told besides times and texts: a pod, a trace, another source, a way to look at it."""

from __future__ import annotations

import re

from bot.grammar import Limit, Text, Typed, shape
from bot.language import N_


class View(Typed, str):
    """How to look at the lines; the lines themselves unless another is named."""

    choices = ("top", "compare", "follow")
    expected, example = N_("one of top, compare, follow"), "top"
    bare = shape("top|compare|follow|tail")

    @classmethod
    def read(cls, text: str) -> View:
        named = {"tail": "follow"}.get(text.lower(), text.lower())
        if named not in cls.choices:
            raise ValueError(f"{text} is not {cls.expected}")
        return cls(named)


class Source(Typed, str):
    """Where to read instead of the log store: `build 42` (Jenkins' console), `pod` (Kubernetes)."""

    expected, example = N_("`build` and its number, or `pod`"), "build 42"
    phrase = shape(r"build #?[0-9]+|pods?")
    opens = frozenset({"pod", "build"})

    @classmethod
    def read(cls, text: str) -> Source:
        if re.fullmatch("pods?|kubernetes", text.lower()):
            return cls("pod")
        build = re.fullmatch("build #?([0-9]{1,9})", text.lower())
        if build is None:
            raise ValueError(f"{text} is not {cls.expected}")
        return cls(f"build {int(build[1])}")

    @property
    def build(self) -> int | None:
        return int(self.split()[1]) if " " in self else None


class Pod(Typed, str):
    """A pod's name or its beginning: `web-7f3`, `web-7f3..`, `web-7f3*` (RFC 1123 labels and dots)."""

    expected, example = N_("a pod's name or how it begins, such as web-7f3"), "web-7f3"

    @classmethod
    def read(cls, text: str) -> Pod:
        name = text.lower().rstrip("*.…")
        if not re.fullmatch(r"[a-z0-9][a-z0-9.-]{1,252}", name):
            raise ValueError(f"{text} is not {cls.expected}")
        return cls(name)


class Container(Typed, str):
    """The name of a container in a pod (RFC 1123 label)."""

    expected, example = N_("the name of a container, such as web"), "web"

    @classmethod
    def read(cls, text: str) -> Container:
        if not re.fullmatch(r"[a-z0-9]([a-z0-9-]{0,61}[a-z0-9])?", text.lower()):
            raise ValueError(f"{text} is not {cls.expected}")
        return cls(text.lower())


class Trace(Typed, str):
    """The id of a request, as OpenTelemetry, Zipkin or the program itself writes it."""

    expected, example = N_("the id of a request, such as 4bf92f3577b34da6"), "4bf92f3577b34da6"

    @classmethod
    def read(cls, text: str) -> Trace:
        if not re.fullmatch(r"\w[\w.:/+=-]{2,198}[\w/+=-]", text):
            raise ValueError(f"{text} is not {cls.expected}")
        return cls(text)


class Lucene(Text):
    """A query in Lucene's syntax, in quotes."""

    expected = N_("a query in quotes, such as 'log.level:error AND order'")
    example = "log.level:error AND order"  # not said: typed


class Lines(Limit):
    """A number of lines; what does not fit into the message comes as a file."""

    least, most = 1, 10_000
    expected, example = N_("a whole number from 1 to 10,000"), "200"
