"""`top_hits`: the first documents of a bucket, shown as those of a search are."""

from __future__ import annotations

from dataclasses import replace
from itertools import islice
from typing import Any

from sandbox.elasticsearch.categories import Matching
from sandbox.elasticsearch.clause import EVERYTHING
from sandbox.elasticsearch.index import Document, Documents
from sandbox.elasticsearch.shown import shown
from sandbox.elasticsearch.sorting import Target, ordered, parse_sort


def _only(target: Target, documents: list[Document]) -> Target:
    """The target with just these of its documents."""
    kept = Documents([document.time for document in documents], documents)
    return replace(target, documents=kept, clause=EVERYTHING)


def top_hits(options: dict[str, Any], matching: Matching) -> dict[str, Any]:
    keys = parse_sort(options.get("sort"), point_in_time=False)
    targets = [_only(target, documents) for target, documents in matching]
    first, size = options.get("from", 0), options.get("size", 3)
    page = islice(ordered(targets, keys), first, first + size)
    hits = shown(page, keys, options, not keys)
    total = {"value": sum(len(documents) for _, documents in matching), "relation": "eq"}
    return {"hits": {"total": total, "max_score": None if keys else 1.0, "hits": hits}}
