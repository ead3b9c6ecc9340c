"""Elasticsearch in trouble: the person is told which system, and what to do."""

from __future__ import annotations

import pytest

from sandbox.chat import Chat
from sandbox.server import Fault
from sandbox.stage import Stage
from tests.trouble.support import broken


@pytest.mark.parametrize(
    ("fault", "words"),
    [
        (Fault("refuse"), "Elasticsearch (main) cannot be reached. Please try again"),
        (Fault("hang"), "Elasticsearch (main) did not answer within 1 s. Please try again"),
        (Fault("error", status=500), "Elasticsearch (main) answered with status 500. Please try again"),
        (Fault("throttle", seconds=1), "Elasticsearch (main) is overloaded and asked to try again later"),
        (Fault("reset"), "Elasticsearch (main) "),
    ],
)
def test_a_log_store_in_trouble_is_named(chat: Chat, stage: Stage, fault: Fault, words: str) -> None:
    broken(stage, "elasticsearch", fault)

    said = chat.says("logs web in trunk", by="engineer")

    assert words in said.text
    assert "try again" in said.text


def test_refused_credentials_are_told(chat: Chat, stage: Stage) -> None:
    store = stage.world.elasticsearch
    assert store.credentials is not None
    keys = set(store.credentials.api_keys)
    store.credentials.api_keys.clear()

    said = chat.says("logs web in trunk", by="engineer")
    store.credentials.api_keys.update(keys)

    assert "does not accept the credentials that I have for it" in said.text


def test_an_index_that_does_not_exist_is_named(chat: Chat) -> None:
    said = chat.says("logs legacy in dev", by="engineer")

    assert "has no log index logs-legacy-dev" in said.text
    assert "Nothing was ever logged there" in said.text
