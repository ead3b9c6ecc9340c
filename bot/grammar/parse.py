"""Text -> a command, or the problem with it."""

import re
from collections.abc import Iterable, Mapping, Sequence
from functools import partial

from bot.grammar.ask import Again, Asker, Parsed, readable
from bot.grammar.chinese import Chinese, Doubt, spaced
from bot.grammar.doubt import in_doubt
from bot.grammar.fill import Defaults, fill
from bot.grammar.found import Finding
from bot.grammar.later import doubted
from bot.grammar.problems import LONGEST, Empty, Invalid, Problem, TooLong, Unknown
from bot.grammar.repair import clean, fold, plain, repair
from bot.grammar.saying import meant, shown
from bot.grammar.scan import Scan
from bot.grammar.slips import SUGGESTIONS, near, unglued
from bot.grammar.usage import PREPOSITIONS, Command, check, usage_of
from bot.grammar.values import Environment, Line, Name, Project, Verb
from bot.grammar.words import POLITE, Word, asks, named, split
from bot.language import _
from bot.words import sentences

NO_DEFAULTS: Defaults = {}
_ASKING = frozenset(
    {
        "should", "shall", "did", "does", "do", "is", "are", "was", "were", "has", "have", "when", "why", "how", "what",
        "where", "which", "who", "whether", "would", "could", "can", "may", "might", "must", "will", "to", "re",
    }
)  # fmt: skip
"""Words before an order by which it is none."""
_DEPTH = 3  # words put right in one suggestion


class Grammar:
    """All that can be said: the commands, and the names they may use.

    `aliases` gives environments other names, such as {"prod": "product"}. Raises ValueError when the commands
    disagree (see `check`), when two names differ in case only, or when a name could not be typed as one word.
    """

    def __init__(
        self,
        commands: Iterable[type[Command]],
        projects: Iterable[str],
        environments: Iterable[str],
        aliases: Mapping[str, str] | None = None,
        lines: Iterable[str] = (),
    ) -> None:
        commands = tuple(commands)
        check(*commands)
        self._usages = {command.verb: usage_of(command) for command in commands}
        self._verbs = {
            word: command.verb for command in commands for word in (command.verb, *command.aliases)
        }
        places = [(name, name) for name in environments]
        self._names: dict[type[Name], Mapping[str, str]] = {
            Project: _index("project", [(name, name) for name in projects]),
            Environment: _index("environment", [*places, *(aliases or {}).items()]),
            Line: _index("line", [(name, name) for name in lines]),
            Verb: self._verbs,
        }
        if unknown := set((aliases or {}).values()) - {name for name, _ in places}:
            raise ValueError(f"environment alias for `{min(unknown)}`, which is no environment")
        self._said = (*self._names[Project], *self._names[Environment])
        self._reads = frozenset(command.verb for command in commands if command.reads)
        self._chinese = Chinese(self._verbs, self._said, self._reads)
        self._polite = POLITE - self._names[Project].keys() - self._names[Environment].keys()

    def parse(self, text: str, defaults: Defaults = NO_DEFAULTS) -> Parsed | Problem:
        """The command that `text` is, or why it is none. Never raises; never takes a name for one like it.

        `defaults`: for a kind of name, the one that goes without saying where the text was said.
        """
        if len(text) > LONGEST:
            return TooLong()
        line = spaced(repair(text))
        words, doubt = self._chinese.read(split(line, self._polite))
        if len(words) == 1 and words[0].quoted and " " in words[0].text:
            question = "?" if asks(line, words) else ""
            # the whole command in quotes, as it stood in somebody's message
            return self.parse(f"{words[0].text}{question}", defaults)
        if not words:
            return Empty()
        if doubt is None and asks(line, words) and self._verb(words)[0] not in self._reads:
            doubt = Doubt.ASKS
        read = partial(self._read, line, defaults=defaults)
        return in_doubt(doubt, words, read, self._said) if doubt else read(words)

    def english(self, value: str) -> str:
        """One value as a phone writes it (`６`, `两小时`), as it is read in a command."""
        words, _doubt = self._chinese.read(split(spaced(repair(value)), frozenset()))
        return " ".join(word.raw for word in words)

    def _read(self, line: str, words: Sequence[Word], defaults: Defaults, depth: int = 0) -> Parsed | Problem:
        again = partial(self._again, line, defaults, depth + 1)
        verb, words = self._verb(words)
        if not verb:
            return self._unknown_verb(words, again)
        for word in words:
            if (word.value or word).text[:1] == '"' and not (word.value or word).quoted:
                opened = _("The quotation mark in {word} is opened and not closed.", word=shown(word.raw))
                return Invalid(opened, "text")
        usage = self._usages[verb]
        try:
            return Parsed(usage.command(**fill(Scan(usage, self._names, line, words), defaults)))
        except Finding as finding:
            return Asker(usage, self._names, words, again).problem(finding)

    def _again(
        self, line: str, defaults: Defaults, depth: int, words: Sequence[Word]
    ) -> Parsed | Problem | None:
        return self._read(line, words, defaults, depth) if depth <= _DEPTH and words else None

    def _verb(self, words: Sequence[Word]) -> tuple[str, Sequence[Word]]:
        """The verb, empty if there is none, and the words with it as the first one."""
        first = words[0]
        if len(words) > 1 and (verb := self._verbs.get(f"{first.text} {words[1].text}")):
            return verb, [Word(verb, verb), *words[2:]]
        return self._verbs.get(first.text, ""), words

    def _unknown_verb(self, words: Sequence[Word], again: Again) -> Unknown:
        first = words[0]
        suggestions = tuple(readable(self._meant_verbs(words), again)[:SUGGESTIONS])
        if first.text in _ASKING and suggestions:
            asked = sentences(_("I am not sure that this is an order."), meant(suggestions))
            return Unknown(asked, first.raw, suggestions)
        ask = meant(suggestions) or _("Type `help` for what I can do.")
        unknown = _("I do not know {word}.", word=shown(first.raw))
        return Unknown(sentences(unknown, ask), first.raw, suggestions)

    def _meant_verbs(self, words: Sequence[Word]) -> list[Sequence[Word]]:
        """What may be meant by words that begin with no verb; whoever says `not` or `if` is offered nothing."""
        first, *rest = words
        if any(doubted(word.text) and not word.quoted for word in words):
            return []
        if first.text in _ASKING:  # what it is about comes later, if at all: no slip of a verb
            later = (i for i, word in enumerate(rest) if word.text in self._verbs and not word.quoted)
            return [rest[i:] for i in list(later)[:1]]
        if apart := unglued(first, (*self._verbs, *self._said, *PREPOSITIONS)):
            return [[*apart, *rest]]
        opposite = first.text.startswith("un")  # whoever says `unlock` is not offered `lock`
        close = [word for word in near(first.text, self._verbs) if not (opposite and word in first.text)]
        return [[named(self._verbs[word]), *rest] for word in close]


def _index(label: str, names: Iterable[tuple[str, str]]) -> Mapping[str, str]:
    """Word in lower case -> the name it stands for. Raises ValueError."""
    index: dict[str, str] = {}
    for word, name in names:
        if not re.fullmatch(r"\w(?:[\w./-]*\w)?", word) or plain(clean(word)) != word:
            raise ValueError(
                f"{label} `{word}`: letters, digits and . / - _ inside only, so that it can be typed"
            )
        if index.setdefault(fold(word), name) != name:
            raise ValueError(f"{label} `{word}`: another one differs from it in case only")
    return index
