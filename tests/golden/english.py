"""English sentences among what a Chinese reader sees in a golden file."""

from __future__ import annotations

import re
from collections.abc import Iterator

from bot.catalogue import Catalogue
from bot.grammar import Missing, Parsed
from tests import sample
from tests.golden.drawn import NAMED
from tests.golden.telling import INDENT

CATALOGUE = Catalogue(sample.settings())
FEWEST = 3
"""Words of a sentence at least: two may be the name of a thing, as in `Pod ErrImagePull`."""
READS_CHINESE = "mei"

_ENGLISH_READER = re.compile(r"^  .*(?:only for|to) (?!mei\b)\w+(?: directly)?$")
_PRE = re.compile(r"```.*?```", re.DOTALL)
_CODE = re.compile(r"`[^`\n]*`")
_LABELLED = re.compile(r"<[^|>\n]*\|([^>\n]*)>")
_MARKUP = re.compile(
    r"<[^>\n]*>|:\w+:|(?<= )-> .*|\(required\)|\w+: (?:\w+_select|\w+_input|checkboxes)\b|\b\w+="
)
_RUN = re.compile(r"[A-Za-z][ -~’…]*")
"""Letters, digits and punctuation of a keyboard, up to whatever is Chinese."""
_WORDS = re.compile(
    rf"(?:(?<=[ (\"'])|^)(?:[A-Za-z][A-Za-z'’]*[,;:.]? ){{{FEWEST - 1},}}[A-Za-z][A-Za-z'’]*(?![\w/-])"
)
_LABEL = re.compile(r"\[([^\]\n]*)\](?: \((?:primary|danger)\))?(?: -> .*)?")


def sentences(golden: str) -> Iterator[str]:
    """Runs of English words, without code, links, mentions, and what is a command."""
    text = _LABELLED.sub(r"\1", _CODE.sub("", _PRE.sub("", _read(golden))))
    text = _LABEL.sub(lambda label: "" if _command(label[1]) else f"{label[1]}\n", text)
    for line in _MARKUP.sub("", text).splitlines():
        for part in re.split(r" · |[*_]", line):
            for run in _RUN.findall(part):
                whole = run.strip(" .,:;!?()")
                said = [] if _command(whole) else [found[0] for found in _WORDS.finditer(run)]
                yield from (words for words in said if not _command(words))


def english_labels(golden: str) -> Iterator[str]:
    """Of buttons, those that are neither Chinese, nor a command, nor the name of a thing, such as a tag."""
    for line in _read(golden).splitlines():
        if " -> " not in line and not line.startswith("asks"):
            continue
        for label in _LABEL.findall(line):
            named = not label.isascii() or not re.search("[A-Za-z]{2}", label) or re.search(r"\d", label)
            if not named and not _command(label):
                yield label


def _command(words: str) -> bool:
    """Whole, or what a button completes: `deploy web`, which then asks where to."""
    parsed = CATALOGUE.parse(words)
    return isinstance(parsed, Parsed | Missing)


def _read(golden: str) -> str:
    """What stands in it for a Chinese reader, without its layout."""
    lines, skipped = [], False
    for line in golden.splitlines():
        if line.startswith(INDENT) and not skipped:
            lines.append(line[len(INDENT) + NAMED :])
        elif not line.startswith(INDENT) and line:
            skipped = _ENGLISH_READER.match(line) is not None
    return "\n".join(lines)
