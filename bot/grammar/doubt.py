"""What to ask when Chinese words may be an order, and may be a question as well. Nothing here is acted on."""

from collections.abc import Callable, Collection, Sequence

from bot.grammar.ask import Parsed
from bot.grammar.chinese import Doubt
from bot.grammar.problems import Ambiguous, Invalid, Leftover, Problem
from bot.grammar.saying import meant, shown
from bot.grammar.usage import write
from bot.grammar.words import Word
from bot.language import _
from bot.words import sentences

Read = Callable[[Sequence[Word]], Parsed | Problem]

_LOOKS = ("status", "history")
"""What is offered to whoever wants to look."""


def in_doubt(doubt: Doubt, words: Sequence[Word], read: Read, names: Collection[str]) -> Problem:
    """The question, with what may be meant as offers. `read`: what other words would be."""
    match doubt:
        case Doubt.LOOKS:
            places = [word for word in words if word.text in names]
            offers = _texts([[Word(verb, verb), *places] for verb in _LOOKS], read)
            only = _("You want to look, and {verb} would change something.", verb=shown(words[0].text))
            return Leftover(sentences(only, meant(offers)), words[0].raw, offers)
        case Doubt.AMOUNT:
            how = _(
                "How many replicas, or how many more or fewer? Say where, and `to 6`, `by +2` or `by -2`."
            )
            return Ambiguous(how, _amounts(words, read))
        case Doubt.COUNTED:
            which = _(
                "I do not count in {verb}. Write a number in digits; a version is `previous`, or what it is called.",
                verb=shown(words[0].text),
            )
            return Invalid(which, words[0].text)
    asked = read(words)
    if isinstance(asked, Problem):
        return asked
    offers = (write(asked.command),)
    return Leftover(sentences(_("I am not sure that this is an order."), meant(offers)), words[0].raw, offers)


def _amounts(words: Sequence[Word], read: Read) -> tuple[str, ...]:
    """`2` as `to 2`, `by +2` and `by -2`."""
    if sum(word.text.isdecimal() for word in words) > 1:
        return ()  # `两三个`: neither of them
    tries = []
    for small, sign in (("to", ""), ("by", "+"), ("by", "-")):
        meant_so: list[Word] = []
        for before, word in zip((None, *words), words, strict=False):
            if word.text.isdecimal() and before is not None and before.text not in ("to", "from"):
                number = f"{sign}{word.text}"
                meant_so += [Word(small, small), word._replace(text=number, raw=number)]
            else:
                meant_so.append(word)
        tries.append(meant_so)
    return _texts(tries, read)


def _texts(tries: Sequence[Sequence[Word]], read: Read) -> tuple[str, ...]:
    found = (read(words) for words in tries)
    return tuple(write(one.command) for one in found if isinstance(one, Parsed))
