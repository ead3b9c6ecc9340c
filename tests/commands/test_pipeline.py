"""logs pipeline: which hop holds the lines up. And how fresh an answer is."""

from __future__ import annotations

import re
from collections.abc import Iterator

import pytest

from sandbox.chat import Chat, Said, eventually
from sandbox.elasticsearch.shop import Line
from sandbox.kubernetes.resources import PODS
from sandbox.server import Fault
from sandbox.stage import Stage
from tests.commands.logs_support import written
from tests.trouble.support import broken


@pytest.fixture
def old(stage: Stage) -> Iterator[Stage]:
    """Nothing has reached the log store for four minutes."""
    stage.thread.call(stage.world.pipeline.stall, "filebeat")
    stage.thread.call(stage.world.elasticsearch.reset)
    written(stage, "the last that arrived", ago=240)
    yield stage
    stage.thread.call(stage.world.pipeline.reset)


def arrives(stage: Stage, count: int) -> None:
    """So many lines are written by a pod, and go as far as they can."""
    world = stage.world
    line = Line(0, "hidden", "web-1", "web", {"app": "web"}, "INFO", "a line")

    def write() -> None:
        for _ in range(count):
            world.pipeline.accept(line)

    stage.thread.call(write)


def stalled(stage: Stage, hop: str) -> None:
    def only() -> None:
        stage.world.pipeline.stalled.clear()
        stage.world.pipeline.stall(hop)

    stage.thread.call(only)


def test_while_lines_arrive_all_is_well(chat: Chat, stage: Stage) -> None:
    written(stage, "fresh", ago=1)
    arrives(stage, 10)

    said = chat.says("logs pipeline", by="engineer")

    assert said.message.text == "Log pipeline: lines arrive"
    assert ":red_circle: Logstash" not in said.shown
    assert "lines/s arrive" in said.shown
    assert ":large_green_circle: Kafka: 3 brokers up" in said.shown
    assert "Kafka → Logstash: 0 lines wait to be read" in said.shown
    assert re.search(r"green_circle: `logs-\w+-\w+`: newest line \d+ s old", said.shown)


@pytest.mark.parametrize(
    ("hop", "verdict"),
    [
        ("filebeat", "filebeat sends nothing to Kafka; nothing new for 4 min"),
        ("kafka", "Kafka is down: none of its brokers answers; nothing new for 4 min"),
        ("logstash", r"Logstash does not read: \d+ lines wait in Kafka; nothing new for 4 min"),
        (
            "elasticsearch",
            r"Elasticsearch does not take what Logstash sends: \d+ lines are held back; nothing new for 4 min",
        ),
    ],
)
def test_the_hop_that_stalls_is_named(chat: Chat, old: Stage, hop: str, verdict: str) -> None:
    stalled(old, hop)
    arrives(old, 30)

    said = chat.says("logs pipeline", by="oncall")

    assert re.fullmatch(f"Log pipeline: {verdict}", said.message.text)


def test_a_logstash_that_does_not_answer_is_named(chat: Chat, old: Stage) -> None:
    broken(old, "logstash", Fault("refuse"))

    said = chat.says("pipeline web in hidden", by="ops")

    assert said.message.text == "Log pipeline: Logstash cannot be reached; nothing new for 4 min"


def test_without_prometheus_the_rest_is_still_told(chat: Chat, old: Stage) -> None:
    broken(old, "prometheus", Fault("error", status=503))

    said = chat.says("logs pipeline", by="ops")

    assert "which hop it is cannot be told" in said.message.text
    assert ":white_circle: Kafka: not known, Prometheus (main) answered 503" in said.shown
    assert "`logs-web-hidden`: newest line 4 min old" in said.shown


def test_an_elasticsearch_that_does_not_answer_is_the_culprit(chat: Chat, stage: Stage) -> None:
    broken(stage, "elasticsearch", Fault("refuse"))

    said = chat.says("logs pipeline", by="ops")

    assert "Elasticsearch (main) cannot be reached" in said.message.text


# -- freshness of an answer


def test_an_answer_says_that_the_pipeline_is_behind_and_offers_the_pod(chat: Chat, old: Stage) -> None:
    said = chat.says("logs web in hidden", by="engineer")

    assert "The log pipeline is 4 min behind" in said.shown
    assert said.buttons["The pod's own log"]["value"] == "logs web in hidden from pod"


def test_a_quiet_program_is_no_pipeline_that_is_behind(chat: Chat, old: Stage) -> None:
    written(old, "others are well", environment="dev")

    said = chat.says("logs web in hidden", by="engineer")

    assert "The newest line is 4 min old; other targets' logs arrive." in said.shown


def test_lines_of_the_past_need_not_be_fresh(chat: Chat, old: Stage) -> None:
    said = chat.says("logs web in hidden between yesterday 10:00 and yesterday 11:00", by="engineer")

    assert "behind" not in said.shown
    assert "The newest line" not in said.shown


def test_the_pods_own_log_does_not_pass_the_pipeline(chat: Chat, old: Stage) -> None:
    def asked() -> Said | None:
        said = chat.says("logs web in hidden from pod", by="engineer")
        return said if "```" in said.shown else None

    said = eventually(asked, "a pod to write its first line")

    assert said is not None
    assert "web/hidden: the last lines of its pods, as Kubernetes kept them" in said.message.text
    assert "*web-" in said.shown


def test_a_pods_own_log_can_only_be_searched_for_a_text(chat: Chat, stage: Stage) -> None:
    found = chat.says("logs web in hidden from pod grep listening", by="engineer")
    refused = chat.says("logs web in hidden from pod level error", by="engineer")

    assert 'the last lines with "listening"' in found.message.text
    assert "can only be searched with `grep`" in refused.text


def test_of_a_pods_log_that_is_too_long_the_newest_lines_are_searched(chat: Chat, stage: Stage) -> None:
    kubernetes = stage.world.kubernetes

    def prints() -> bool:
        pods = kubernetes.store.all(PODS, "hidden")
        for pod in pods:
            if pod["metadata"]["name"].startswith("web-") and "'running'" in str(pod["status"]):
                for number in range(400):
                    kubernetes.logs.print(pod, "web", f"{'x' * 200} needle {number} {'x' * 1_300}")
                return True
        return False

    eventually(lambda: stage.thread.call(prints), "a pod to run")

    said = chat.says("logs web in hidden from pod grep needle", by="engineer")

    assert "«needle» 399" in said.shown, "of each long line the beginning is shown"
    assert "a line marks what was neither read nor searched" in said.shown
