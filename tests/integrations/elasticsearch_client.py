"""The adapter and a log store on a real socket, and short ways to ask."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

from bot.ports import LogQuery
from integrations.elasticsearch import Elasticsearch
from tests.sandbox.elasticsearch_support import NOW, Running

KEY = "c2hpcG1hdGU6c2FuZGJveA=="
HOUR_AGO = NOW - timedelta(hours=1)
AT = NOW.timestamp()


def adapter(es: Running, **options: Any) -> Elasticsearch:
    settings: dict[str, Any] = {"api_key": KEY, "timeout": 5.0} | options
    return Elasticsearch("main", [es.server.url], **settings)


def query(**options: Any) -> LogQuery:
    asked: dict[str, Any] = {"index": "logs-web-trunk", "since": HOUR_AGO} | options
    return LogQuery(**asked)


def found(es: Running, **options: Any) -> list[str]:
    return [line.message for line in adapter(es).search(query(**options)).lines]
