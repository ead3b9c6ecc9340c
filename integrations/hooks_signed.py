"""What hooks have in common: a keyed hash over the body, compared in constant time."""

from __future__ import annotations

import hashlib
import hmac
import json
from collections.abc import Mapping
from typing import Any

from bot.ports import Unbelieved


def must_match(secret: str, signed: bytes, given: str) -> None:
    """`given`: 64 hex digits. Raises Unbelieved."""
    expected = hmac.new(secret.encode(), signed, hashlib.sha256).hexdigest()
    if not given:
        raise Unbelieved("not signed")
    if not hmac.compare_digest(expected.encode(), given.encode("utf-8", "replace")):
        raise Unbelieved("wrongly signed")


def body_of(body: bytes) -> Mapping[str, Any]:
    """A JSON object. Raises ValueError."""
    plain = json.loads(body)
    if not isinstance(plain, dict):
        raise ValueError("not an object")
    return plain


def fingerprint(body: bytes) -> str:
    """Names a request that carries no time of its own: the same body again is a repetition."""
    return hashlib.sha256(body).hexdigest()


def text(value: object, most: int = 500) -> str:
    """A string of a payload, cut; half a character (JSON can write one) becomes `?`. Raises ValueError for
    anything else."""
    if not isinstance(value, str):
        raise ValueError("a string was expected")
    return value[:most].encode("utf-8", "replace").decode()


def is_zero(revision: str) -> bool:
    """What git says of a branch that is no more: zeros, as many as its hashes have digits (40, or 64)."""
    return not revision.strip("0")


def first_line(message: object) -> str:
    lines = text(message, 5_000).strip().splitlines()
    return lines[0][:200] if lines else ""
