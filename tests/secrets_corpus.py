"""The corpus of secrets in tests/data/redact, with its values made."""

from __future__ import annotations

import random
import re
import string
from collections.abc import Callable, Iterator
from pathlib import Path

import yaml
from stdnum import luhn
from stdnum.iso7064 import mod_11_2, mod_97_10

DATA = Path(__file__).parent / "data" / "redact"
ALPHABETS = {
    "a": string.ascii_letters + string.digits,
    "u": string.ascii_uppercase + string.digits,
    "d": string.digits,
    "h": "0123456789abcdef",
    "b": string.ascii_letters + string.digits + "+/",
    "w": string.ascii_letters + string.digits + "-_",
}
MADE = re.compile(r"\{(ids|id|card4|card19s|card19|card|amex|iban|[audhbw]\d+)\}")


def corpus() -> Iterator[tuple[str, str, list[str]]]:
    """Name of the shape, a text that holds such secrets, and these."""
    for name, template in yaml.safe_load((DATA / "secrets.yaml").read_text()).items():
        made = MADE.sub(_value(random.Random(name)), template)
        yield name, made.replace("⟦", "").replace("⟧", ""), re.findall(r"⟦(.*?)⟧", made, re.DOTALL)


def pieces(secret: str) -> list[str]:
    """What must not be seen of a secret: each of its words that is long enough to be told from others."""
    words = [word for word in re.split(r"\s|\\n|-----[A-Z ]+-----", secret) if len(word) >= 3]
    return [word[:12] if len(word) > 40 else word for word in words]


def _value(chance: random.Random) -> Callable[[re.Match[str]], str]:
    def digits(count: int) -> str:
        return "".join(chance.choice(string.digits) for _ in range(count))

    def card(start: str, length: int) -> str:
        body = start + digits(length - 1 - len(start))
        return body + luhn.calc_check_digit(body)

    def value(found: re.Match[str]) -> str:
        match found[1]:
            case "id" | "ids" as kind:
                body = f"11010{chance.randint(1, 9)}19{chance.randint(50, 99)}0{chance.randint(1, 9)}1{digits(1)}"
                body += digits(3)
                whole = body + str(mod_11_2.calc_check_digit(body))
                return whole if kind == "id" else f"{whole[:6]} {whole[6:14]} {whole[14:]}"
            case "card":
                return card("4", 16)
            case "card4":
                whole = card("52", 16)
                return " ".join(whole[at : at + 4] for at in range(0, 16, 4))
            case "card19" | "card19s" as kind:
                whole = card("62", 19)
                return whole if kind == "card19" else " ".join(whole[at : at + 4] for at in range(0, 19, 4))
            case "amex":
                return card("37", 15)
            case "iban":
                body = digits(18)
                return "DE" + mod_97_10.calc_check_digits(f"{body}DE") + body
            case kind:
                alphabet = ALPHABETS[kind[0]]
                text = "".join(chance.choice(alphabet) for _ in range(int(kind[1:])))
                # Letters and a digit: what is made must not happen to be a word.
                ending = {"d": "42", "h": "c7", "u": "K7"}.get(kind[0], "k7")
                return text if len(text) < 3 else text[:-2] + ending

    return value
