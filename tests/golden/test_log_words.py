"""What is said about logs: the store's refusals, the hop that holds lines up, and what is read of them."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator
from typing import Any

import requests
from elastic_transport import ApiResponseMeta, ConnectionError, ConnectionTimeout, HttpHeaders, NodeConfig
from elastic_transport import SerializationError, TlsError
from elasticsearch import ApiError

from bot.faults import Refused, Unavailable
from bot.ports import Shipped
from commands.pipeline import _hops
from commands.pipeline_verdict import Found, verdict
from integrations.elasticsearch_http import Connection, partial
