"""What differs from one run to the next is said in the same words in all of them."""

from __future__ import annotations

import re
from collections.abc import Iterable

SAME: tuple[tuple[str, str], ...] = (
    (r":\w+_circle: (filebeat|`logs-)", r":<mark>: \1"),
    (r"`logs-\w+-\w+`: newest line [^\n]*? old", "`logs-<index>`: newest line <age> old"),
    (r"\b\d+\.\d lines/s", "<n> lines/s"),
    (r"/p[0-9]{16}\|", "/p<moment>|"),
    (r"<!date\^\d+\^\{time\}\|[^>]*>", "<time>"),
    (r"<!date\^\d+\^[^|]*\|[^>]*>", "<day and time>"),
    (r"\b\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(\.\d+)?(Z|[+-]\d\d:?\d\d)?", "<moment>"),
    (r"(?:(?<![\d-])\d\d-\d\d )?\b\d\d:\d\d:\d\d(\.\d+)?", "<clock>"),  # with its day around midnight
    (r"\b\d\d:\d\d UTC\b", "<time>"),
    (r"\b(web|api|shop|pay)-[0-9a-f]{6,10}-[0-9a-z]{5}\b", r"\1-<pod>"),
    (r"\b(web|api|shop|pay)-[0-9a-f]{8,10}\b", r"\1-<set>"),
    (r"\b127\.0\.0\.1:\d+", "127.0.0.1:<port>"),
    (r"\b10\.\d+\.\d+\.\d+\b", "<address>"),
    (r" _\((\d+ [s秒])\)_", ""),
    (r"(?m)· \d+ (?:s|min|min \d+ s)$", "· <age>"),
    (r"\b(?:1 min )?\d+(?:\.\d+)? s\b", "<n> s"),
    (r"(?:1 分 )?\d+ 秒", "<n> 秒"),
    (r", \d+ restarts?(?! in )", ", <n> restarts"),
    (r"\b\d+× ", "<n>× "),
    (r"\bsha256:[0-9a-f…]{8,}", "sha256:<digest>"),
    (r"\b\d{1,2} [A-Z][a-z]{2} \d{4} \d\d:\d\d [A-Z]{3,4}\b", "<moment>"),
    (r"\bsince \d{4,}s\b", "since <n>s"),
    (r"-[0-9a-f]{4}\.log\b", "-<key>.log"),
    (r"/p\d{16}\b", "/<message>"),
    (r"\bV[0-9A-F]{9}\b", "<view>"),
    (r"\bF[0-9A-F]{9}\b", "<file>"),
    (r"\b1[0-9]{9}(\.[0-9]+)?\b", "<moment>"),
)


def same(text: str, operations: Iterable[str]) -> str:
    """`operations`: their ids, which become op1, op2, ... in the order in which they are told of."""
    known = sorted(set(operations), key=lambda name: (text.find(name) < 0, text.find(name)))
    for number, operation_id in enumerate(known, start=1):
        text = re.sub(rf"\b{operation_id}\b", f"op{number}", text)
    for pattern, words in SAME:
        text = re.sub(pattern, words, text)
    return text
