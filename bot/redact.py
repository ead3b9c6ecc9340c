"""Secrets out of text that is about to be posted. Pure; a table of named patterns.

Every pattern is linear: what can follow a repeated beginning is bounded or is taken whole. What is
hidden errs on the side of hiding beside the name of a secret, and on the side of leaving alone elsewhere:
commit hashes, digests, UUIDs, pod names and stack traces stay as they are.
"""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import dataclass

HIDDEN = "‹hidden›"


@dataclass(frozen=True)
class Redacted:
    """`hidden` counts the values that were replaced."""

    text: str
    hidden: int


_STOP = r"(?=[\s\"',;&)}\]<]|$)"
# Not secrets though they stand where one would: what was hidden, variables, masks, types, nothing.
_NO_VALUE = (
    r"(?!\\?[\"']?‹hidden›|\$\{|\$\(|\{\{|[{\[](?=[\s\"'{\[]|$)"
    rf"|(?:\$[A-Z_]\w{{1,40}}|%[A-Z_]{{2,40}}%|[*x.•]{{3,40}}|<[\w -]{{1,40}}>|\[[a-z]{{4,12}}\]){_STOP}"
    rf"|(?:null|none|nil|true|false|undefined|empty|str|string|bytes|optional){_STOP})"
)
_NO_CODE = r"(?!(?:[a-z_]\w{0,40}\.){1,5}\w{1,40}\(|(?:get|read|fetch|load|env|input|prompt)\w{0,40}\()"
_PASSWORDS = r"pass(?:word|wd|phrase)|[_-]pass|(?<![a-z_])pwd(?=[\s\"']{0,8}[:=][\s\"']{0,8}[^/\s\"'])"
_KEYS = (
    r"(?:secret|token|credentials?|(?:api|access|account|auth|encryption|private|secret|signing)[_-]?key"
    r"|jsessionid|phpsessid|session[_-]?id|connect\.sid)"
)
_NAMES = f"(?:{_PASSWORDS}|{_KEYS})(?![\\w-])"
_IS = r"\\?[\"']?\s{0,8}(?:=>|:|=(?!>))\s{0,8}"
_PLAIN = _NO_VALUE + _NO_CODE + r"(?P<secret>(?:[^\s\"'&,;\\]|\\(?![\"'])|[,;](?!\s|[\w.-]{1,40}[=:]|$))+)"
"""An unquoted value: up to a blank, a quote, `&`, or a comma that ends it."""
_QUOTED = (
    rf"(?:\"{_NO_VALUE}(?:[^\"\\\r\n]|\\.)+|'{_NO_VALUE}(?:[^'\\\r\n]|\\.)+|\\\"{_NO_VALUE}[^\"\\\r\n]+)"
)
_LIKELY = r"(?=[^\s\"'&,;]{0,200}\d)(?=[^\s\"'&,;]{6})"
"""A digit and some length: what a word of a sentence does not have."""
_SCHEME = r"(?:(?:bearer|basic|token|apikey|digest|negotiate|aws4-hmac-sha256)\s+)?+"

_SHAPES: dict[str, str] = {
    "private key": r"-----BEGIN [A-Z0-9 ]{0,40}PRIVATE KEY(?: BLOCK)?-----(?!‹)"
    r"(?P<secret>(?:(?!-----)[\s\S])+)",
    "password in a URL": r"\b[a-z][a-z0-9+.-]{1,20}://[^\s/:@\"'<>]*:(?!‹)(?P<secret>[^\s/\"'<>]+)@",
    "authorization header": rf"\bauthorization[\"']?\s*[:=]\s*[\"']?{_SCHEME}"
    rf"{_NO_VALUE}(?P<secret>[^\s\"']+)",
    "bearer token": r"\bbearer\s+(?=[^\s\"']{0,200}\d)(?P<secret>[\w.~+/=-]{12,})",
    "basic credentials": r"\bbasic\s+(?=\w(?-i:[a-z0-9+/]{0,200}[A-Z=]))"
    r"(?P<secret>[\w+/]{8,}={0,2})(?![\w-])",
    "cookie": r"\b(?:set-)?cookie[\"']?\s*[:=]\s*[\"']?(?P<secret>[^\s=;,\"'‹]{1,64}=[^\r\n\"']+)",
    "XML element": rf"<[\w.-]{{0,40}}?{_NAMES}>{_NO_VALUE}(?P<secret>[^<\r\n]+)",
    "quoted value": rf"{_NAMES}{_IS}(?P<secret>{_QUOTED})",
    "password": rf"(?:{_PASSWORDS})(?![\w-]){_IS}{_PLAIN}",
    "key": rf"{_KEYS}(?![\w-])[\"']?=(?!\s){_PLAIN}",
    "likely key": rf"{_KEYS}(?![\w-]){_IS}{_LIKELY}{_PLAIN}",
    "option": rf"(?<!\S)--?[\w-]{{0,40}}?{_NAMES}\s+(?!-){_NO_VALUE}(?P<secret>[^\s\"']+)",
    "user and password": r"(?<!\S)(?:-u|--user)[ =]++[\"']?[^\s:\"']{1,64}:(?!‹)(?P<secret>[^\s\"']+)",
    "login": r"\blogin\b[^\n‹]{0,200}?\s-p[ =]++(?!‹)(?P<secret>[^\s\"']+)",
    "SQL password": r"\bidentified by [\"'](?!‹)(?P<secret>[^\"'\r\n]+)",
    "Slack webhook": r"\bhooks\.slack\.com/(?:services|workflows|triggers)/(?P<secret>[\w/]+)",
}
PATTERNS = {name: re.compile(shape, re.IGNORECASE | re.MULTILINE) for name, shape in _SHAPES.items()}
"""Secrets known by what stands beside them; the group `secret` is what is replaced."""

TOKENS: dict[str, str] = {
    "JWT": r"eyJ[\w-]{10,}\.[\w-]{10,}(?:\.[\w-]*)?",
    "Slack": r"xox[a-z](?:\.xox[a-z])?-[\w-]{10,}|xapp-\d-[\w-]{10,}",
    "GitHub": r"gh[pousr]_[A-Za-z0-9]{20,}|github_pat_\w{20,}",
    "GitLab": r"gl(?:pat|ptt|dt|rt|cbt|soat|ft|imt|agent|oas)-[\w-]{20,}",
    "AWS": r"(?:AKIA|ASIA|ABIA|ACCA)[A-Z0-9]{16}(?![A-Za-z0-9])",
    "Google": r"AIza[\w-]{30,}|ya29\.[\w-]{20,}|GOCSPX-[\w-]{20,}",
    "Stripe": r"(?:sk|rk|pk)_(?:live|test)_[A-Za-z0-9]{10,}|whsec_[A-Za-z0-9+/]{20,}",
    "npm": r"npm_[A-Za-z0-9]{30,}",
    "PyPI": r"pypi-[\w-]{50,}",
    "Docker": r"dckr_(?:pat|oat)_[\w-]{20,}",
    "Vault": r"hv[sbr]\.[\w-]{20,}",
    "SendGrid": r"SG\.[\w-]{16,}\.[\w-]{16,}",
    "model API": r"sk-(?:ant|proj|svcacct)-[\w-]{20,}|sk-[A-Za-z0-9]{32,}",
    "Telegram": r"\d{8,10}:AA[\w-]{30,}",
    "Jenkins": r"11[0-9a-f]{32}(?![A-Za-z0-9])",
    "age": r"AGE-SECRET-KEY-1[A-Z0-9]{50,}",
}
"""Shapes that are secrets wherever they stand: what the issuers publish for secret scanning."""

_TOKEN = re.compile(rf"(?<![\w-])(?P<secret>{'|'.join(TOKENS.values())})")


def redact(text: str) -> Redacted:
    """`text` with each secret replaced by `‹hidden›`. Doing it twice changes nothing more."""
    hidden = 0
    for pattern in (*PATTERNS.values(), _TOKEN):
        text, count = pattern.subn(_hide, text)
        hidden += count
    return Redacted(text, hidden)


def redact_lines(lines: Iterable[str]) -> tuple[tuple[str, ...], int]:
    """The lines as one text, so that a key that spans several is found, and how many values were hidden."""
    redacted = redact("\n".join(lines))
    return tuple(redacted.text.split("\n")), redacted.hidden


def _hide(found: re.Match[str]) -> str:
    start, end = (at - found.start() for at in found.span("secret"))
    whole, secret = found[0], found["secret"]
    opening = re.match(r"\\?[\"']", secret)
    kept = opening[0] if opening else ""
    return whole[:start] + kept + HIDDEN + whole[end:]
