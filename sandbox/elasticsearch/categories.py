"""`categorize_text`: documents whose texts are alike but for numbers, ids and the like.

https://www.elastic.co/docs/reference/aggregations/search-aggregations-bucket-categorize-text-aggregation
Tokens are found as the `ml_standard` tokenizer does: of the first line that has letters, without what begins
with a digit, what is a hexadecimal number, and names of days and months.
"""

from __future__ import annotations

import calendar
import re
from collections.abc import Callable
from dataclasses import dataclass, field
from difflib import SequenceMatcher
from itertools import islice
from typing import Any

from sandbox.elasticsearch.index import Document
from sandbox.elasticsearch.sorting import Target

Matching = list[tuple[Target, list[Document]]]
Tokens = tuple[str, ...]

OPTIONS = frozenset({"field", "size", "min_doc_count", "shard_size", "similarity_threshold"})
_TOKEN = re.compile(r"(?<![\w.-])[^\W\d_][\w.-]{0,254}")  # Lucene's tokens are no longer
_HEX = re.compile(r"(?:0x)?[0-9a-f]*[0-9][0-9a-f]*", re.IGNORECASE)
_NAMES = (calendar.day_name, calendar.day_abbr, calendar.month_name, calendar.month_abbr)
_STOP = frozenset({"gmt", "utc", *(name.lower() for names in _NAMES for name in names)})
_MOST_TOKENS = 100


@dataclass
class Category:
    """`tokens`: those that all its texts share, in order."""

    tokens: Tokens
    longest: int = 0
    documents: dict[int, list[Document]] = field(default_factory=dict)
    """By the place of their index among those searched."""
    count: int = 0


def categorize(
    options: dict[str, Any], matching: Matching, bucket: Callable[[Matching], dict[str, Any]], _now: int
) -> dict[str, Any]:
    share = int(options.get("similarity_threshold", 70)) / 100
    found: list[Category] = []
    known: dict[Tokens, Category] = {}
    for at, (target, documents) in enumerate(matching):
        mapped = target.mapping.get(options["field"])
        for document in documents:
            for text in map(str, document.values(mapped.source) if mapped else ()):
                tokens = tokens_of(text)
                if tokens not in known:
                    known[tokens] = _place(tokens, found, share)
                category = known[tokens]
                category.documents.setdefault(at, []).append(document)
                category.count += 1
                category.longest = max(category.longest, len(text))
    found.sort(key=lambda category: -category.count)
    kept = [one for one in found if one.count >= options.get("min_doc_count", 1)][: options.get("size", 10)]
    return {"buckets": [{**_head(one), **bucket(_of(one, matching))} for one in kept]}


def tokens_of(text: str) -> Tokens:
    line = next((line for line in text.splitlines() if re.search(r"[^\W\d_]", line)), "")
    tokens = (found[0].rstrip("._-") for found in _TOKEN.finditer(line))
    kept = (token for token in tokens if not _HEX.fullmatch(token) and token.lower() not in _STOP)
    return tuple(islice(kept, _MOST_TOKENS))


def _place(tokens: Tokens, found: list[Category], share: float) -> Category:
    """The category that is most alike, or a new one."""
    best, most = None, share
    for category in found:
        common = _common(category.tokens, tokens)
        likeness = len(common) / max(len(category.tokens), len(tokens), 1)
        if likeness >= most and (common or tokens == category.tokens):
            best, most = category, likeness
    if best is None:
        best = Category(tokens)
        found.append(best)
    else:
        best.tokens = _common(best.tokens, tokens)
    return best


def _common(first: Tokens, second: Tokens) -> Tokens:
    if first == second:
        return first
    blocks = SequenceMatcher(None, first, second, autojunk=False).get_matching_blocks()
    return tuple(token for block in blocks for token in first[block.a : block.a + block.size])


def _head(category: Category) -> dict[str, Any]:
    words = list(category.tokens)
    regex = f".*?{'.+?'.join(re.escape(word) for word in words)}.*?" if words else ".*"
    return {"key": " ".join(words), "regex": regex, "max_matching_length": category.longest}


def _of(category: Category, matching: Matching) -> Matching:
    return [(matching[at][0], documents) for at, documents in category.documents.items()]
