"""Elasticsearch in trouble: each kind is told in plain words, and nothing of a credential."""

from __future__ import annotations

from typing import Any

import pytest

from bot.faults import Refused, Unavailable
from integrations.elasticsearch import Elasticsearch
from sandbox.server import Fault
from tests.integrations.elasticsearch_client import adapter, found, query
from tests.sandbox.elasticsearch_support import Line, Running


@pytest.mark.parametrize(
    ("spoil", "said"),
    [
        ({"broken": {"logs-web-trunk": frozenset({0})}}, "1 of 2 shards did not answer"),
        ({"timed_out": True}, "the search ran out of time"),
    ],
)
def test_a_partial_answer_says_so(es: Running, spoil: dict[str, Any], said: str) -> None:
    es.write(Line("a"), Line("b"))
    for name, value in spoil.items():
        setattr(es.server.trouble, name, value)
    page = adapter(es).search(query())
    assert page.partial == said
    assert (page.errors, page.errors_before) == (None, None)


@pytest.mark.parametrize(
    ("fault", "reason"),
    [
        (Fault("error", status=500), "answered with status 500"),
        (Fault("error", status=503), "cannot search at the moment"),
        (Fault("error", status=200), "is not what answers at its address"),
        (Fault("throttle"), "overloaded"),
        (Fault("hang"), "did not answer within 0.3 s"),
        (Fault("reset"), "cannot be reached"),
        (Fault("refuse"), "cannot be reached"),
    ],
)
def test_faults_are_told_in_plain_words(es: Running, fault: Fault, reason: str) -> None:
    es.write(Line("a"))
    es.server.faults.set(fault)
    with pytest.raises(Unavailable, match=reason) as caught:
        adapter(es, timeout=0.3).search(query())
    assert caught.value.system == "Elasticsearch (main)"
    assert es.server.url not in str(caught.value)


def test_a_server_that_is_down(es: Running) -> None:
    es.deafen()
    with pytest.raises(Unavailable, match="cannot be reached"):
        adapter(es).search(query())


def test_one_failure_is_tried_again(es: Running) -> None:
    es.write(Line("a"))
    es.server.faults.set(Fault("error", status=503, times=1))
    assert found(es) == ["a"]


@pytest.mark.parametrize(
    "wrong", [{"api_key": "d3Jvbmc6a2V5"}, {"api_key": None, "user": "bot", "password": "no"}]
)
def test_credentials_that_are_not_accepted_are_not_repeated(es: Running, wrong: dict[str, Any]) -> None:
    with pytest.raises(Refused, match="does not accept the credentials") as caught:
        adapter(es, **wrong).search(query())
    assert "Operations can give it a valid API key" in caught.value.hint
    assert "d3Jvbmc6a2V5" not in repr(caught.value)
    assert "no'" not in repr(caught.value)


def test_a_user_and_a_password(es: Running) -> None:
    es.write(Line("a"))
    store = adapter(es, api_key=None, user="bot", password="geheim")
    assert store.search(query()).total == 1


@pytest.mark.parametrize("index", ["logs-web-moon", "logs-moon-*"])
def test_no_such_index(es: Running, index: str) -> None:
    with pytest.raises(Refused, match="has no log index") as caught:
        adapter(es).search(query(index=index))
    assert index in caught.value.message
    assert caught.value.hint


def test_a_closed_index_and_fields_that_do_not_fit(es: Running) -> None:
    es.write(Line("a"))
    with pytest.raises(Refused, match=r"cannot search logs-web-trunk this way \(parse_exception\)"):
        adapter(es).search(query(filters=(("@timestamp", "soon"),)))
    es.server.cluster.indices["logs-web-trunk"].closed = True
    with pytest.raises(Refused, match="has no log index"):
        adapter(es).search(query())


@pytest.mark.parametrize("url", ["es:9200", "https://host:port", "ftp://bot:geheim@host"])
def test_an_address_that_is_none(url: str) -> None:
    with pytest.raises(Refused, match="not a URL") as caught:
        Elasticsearch("main", [url])
    assert "geheim" not in str(caught.value)
