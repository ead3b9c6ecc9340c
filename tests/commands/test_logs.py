"""logs, through chat, against the sandbox's Elasticsearch."""

from __future__ import annotations

from datetime import datetime

import pytest

from sandbox.chat import Chat
from sandbox.stage import Stage
from tests.commands.logs_support import BERLIN, excerpt, written


def test_the_newest_lines_oldest_first_with_a_link(chat: Chat, stage: Stage) -> None:
    for number in (3, 2, 1):
        written(stage, f"zebracross {number}", ago=number)

    said = chat.says("logs web in hidden grep zebracross limit 2", by="qa")

    assert [line.split()[-2:] for line in excerpt(said)] == [["«zebracross»", "2"], ["«zebracross»", "1"]]
    assert 'web/hidden: 3 lines with "zebracross" in 15 min' in said.text
    assert "kibana.shop.example" in said.buttons["Open in Kibana"]["url"]


@pytest.mark.parametrize(
    "asked", ["since 20s level error", "since=20s level=error", "--level errors --since 20s"]
)
def test_only_what_was_asked_for(chat: Chat, stage: Stage, asked: str) -> None:
    written(stage, "wanted", ago=2)
    written(stage, "harmless", level="INFO", ago=2)
    written(stage, "long ago", ago=60)

    said = chat.says(f"logs web in hidden {asked}", by="qa")

    assert any("wanted" in line for line in excerpt(said))
    assert not any("harmless" in line or "long ago" in line for line in excerpt(said))


@pytest.mark.parametrize("text", ['") OR level:(*', "*:*", "{{match_all}}", "a&b <c>"])
def test_text_is_looked_for_as_it_is(chat: Chat, stage: Stage, text: str) -> None:
    written(stage, "nothing of the kind")
    written(stage, f"zebracross {text} zebracross")

    said = chat.says(f"logs web in hidden grep 'zebracross {text}'", by="qa")

    assert "web/hidden: 1 line" in said.text, "only the one in which it stands"


def test_a_pod_is_named_by_how_it_begins(chat: Chat, stage: Stage) -> None:
    written(stage, "zebracross a", pod="web-7f3aa")
    written(stage, "zebracross b", pod="web-7f4bb")

    said = chat.says("logs web in hidden pod web-7f3.. grep zebracross", by="qa")

    assert [line.split()[-1] for line in excerpt(said)] == ["a"]
    assert "All of web-7f3aa." in said.text


def test_a_trace_is_found_by_its_field_and_in_texts(chat: Chat, stage: Stage) -> None:
    trace = "4bf92f3577b34da6"
    written(stage, f"request {trace} began", ago=2)
    written(stage, "another request")
    document = {"@timestamp": datetime.now(BERLIN).isoformat(), "message": "went on", "trace": {"id": trace}}
    stage.thread.call(stage.world.elasticsearch.add, "logs-web-hidden", document)

    said = chat.says(f"logs web in hidden trace {trace}", by="qa")

    assert [line.split()[-1] for line in excerpt(said)] == ["began", "on"]


def test_a_query_of_lucenes_is_passed_through(chat: Chat, stage: Stage) -> None:
    written(stage, "zebracross one", level="WARN", ago=2)
    written(stage, "zebracross two", level="ERROR")

    said = chat.says("""logs web in hidden --query 'log.level:WARN AND zebra*'""", by="qa")

    assert [line.split()[-1] for line in excerpt(said)] == ["one"]
    asked = stage.world.elasticsearch.searches[0]["query"]["bool"]["filter"][-1]["query_string"]
    assert asked["query"] == "log.level:WARN AND zebra*"
    assert asked["allow_leading_wildcard"] is False
    assert (
        "query:(language:'lucene',query:'log.level:WARN%20AND%20zebra*')"
        in said.buttons["Open in Kibana"]["url"]
    )


@pytest.mark.parametrize(
    ("query", "why"),
    [
        ("*Timeout", "reads every word"),
        ("message:(ok ?imeout)", "reads every word"),
        ("/time.*/", "regular expression"),
        ("*:*", "matches every line"),
        ("t*", "matches too much"),
        ('"open', "no query in Lucene's syntax"),
    ],
)
def test_a_query_that_reads_everything_is_refused_with_another(
    chat: Chat, stage: Stage, query: str, why: str
) -> None:
    written(stage, "Timeout")

    said = chat.says(f"logs web in hidden query '{query}'", by="qa")

    assert why in said.text
    assert "`" in said.text


def test_a_word_that_is_not_found_is_offered_as_the_beginning_of_one(chat: Chat, stage: Stage) -> None:
    written(stage, "SocketTimeoutException: Read timed out")
    said = chat.says("logs web in hidden grep SocketTimeout", by="qa")

    beginning = chat.taps(said, "Words that begin so", by="qa")

    assert "no lines" in said.text
    assert "Whole words were looked for; a name with dots in it is one word." in said.text
    assert "SocketTimeoutException: Read timed out" in beginning.text
    sent = [str(body) for body in stage.world.elasticsearch.searches]
    assert not any("wildcard': {" in body or "regexp" in body for body in sent)


# -- from elsewhere


def test_the_console_of_a_build(chat: Chat) -> None:
    deployed = chat.ends(chat.says("deploy web to dev at r1839", by="engineer"))
    assert "#1" in deployed.text

    said = chat.says("logs web in dev from build 1", by="engineer")

    assert "web-build #1, " in said.text
    assert "Finished: SUCCESS" in said.text


def test_a_build_that_there_is_not(chat: Chat) -> None:
    said = chat.says("logs web in dev from build 4711", by="engineer")

    assert "Jenkins" in said.text
    assert "4711" in said.text


def test_of_a_console_that_is_too_long_only_its_ends_are_told(chat: Chat, stage: Stage) -> None:
    chat.ends(chat.says("deploy web to dev at r1839", by="engineer"))
    (build,) = stage.world.jenkins.builds("web-build")
    long = ["a needle at first", *(f"{number} {'x' * 100}" for number in range(20_000))]
    long.insert(10_000, "a needle in the middle")
    build.console[1:1] = [(build.console[0][0], line) for line in long]
    build.console.insert(-1, (build.console[-1][0], "a needle at last"))

    found = chat.says("logs web in dev from build 1 grep needle", by="engineer")
    whole = chat.says("logs web in dev from build 1", by="engineer")

    assert "web-build #1: 2 lines with" in found.message.text
    assert "the middle was not read" in found.message.text
    first, gap, last = excerpt(found)
    assert ("first" in first, "was not read" in gap, "last" in last) == (True, True, True)
    assert "All of it" not in found.shown + whole.shown
    assert "What was read is in the file" in whole.shown
    assert "only its beginning and end were read" in whole.message.text
