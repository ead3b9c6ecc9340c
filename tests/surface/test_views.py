"""Every view that leaves for Slack passes one place, where secrets are hidden."""

from __future__ import annotations

import re
from pathlib import Path

from bot.redact import HIDDEN
from integrations.slack_views import clean

SOURCES = sorted((Path(__file__).parents[2] / "integrations").glob("*.py"))


def test_views_are_sent_by_one_module_only() -> None:
    senders = {path.name for path in SOURCES if re.search(r"views_[a-z]+\(|\"views\.", path.read_text())}

    assert senders == {"slack_views.py"}


def test_every_call_and_every_answer_with_a_view_is_cleaned() -> None:
    views = (Path(__file__).parents[2] / "integrations" / "slack_views.py").read_text()
    answers = [found for path in SOURCES for found in re.findall(r"\bview=(\S+)", path.read_text())]

    assert set(re.findall(r"_client\.views_\w+\(.*?view=(\w+)\)", views)) == {"shown"}
    assert views.count("shown = clean(view)") + views.count("shown, asked = clean(view)") == len(
        re.findall(r"_client\.views_", views)
    )
    assert all(answer.startswith(("shown", "clean(")) for answer in answers)


def test_words_are_hidden_and_values_stay() -> None:
    secret = "password=hunter2hunter2"
    text = {"type": "plain_text", "text": f"at {secret}"}
    option = {"text": text, "value": secret}

    cleaned = clean({"title": text, "blocks": [{"element": {"options": [option]}}]})

    assert HIDDEN in cleaned["title"]["text"]
    assert cleaned["blocks"][0]["element"]["options"][0] == {"text": cleaned["title"], "value": secret}
