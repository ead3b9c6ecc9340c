"""The `web` process: Slack in HTTP mode, every request verified; health and figures."""

from __future__ import annotations

import json
import time
import urllib.error
import urllib.request
from collections.abc import Iterator
from http.client import HTTPConnection
from urllib.parse import urlencode

import pytest

from bot.app import App
from bot.environment import Environment
from bot.web import build
from sandbox.chat import Chat, Said, eventually
from sandbox.slack import SIGNING_SECRET
from sandbox.slack.http_mode import HttpMode
from sandbox.stage import Stage, staged
from tests.conftest import PACE, open_shop
from tests.surface.screen import Screen, opens, shown

SLASH = urlencode(
    {
        "command": "/ship",
        "text": "deploy web to dev",
        "user_id": "U0OPS",
        "team_id": "T0SHOP",
        "channel_id": "C0DEPLOYS",
        "trigger_id": "1.2.abc",
    }
)
FORM = {"Content-Type": "application/x-www-form-urlencoded"}


@pytest.fixture(scope="module")
def served(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Stage]:
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("SLACK_SIGNING_SECRET", SIGNING_SECRET)
        with staged(tmp_path_factory.mktemp("http"), PACE, crew=("web", "worker", "watcher")) as stage:
            slack = stage.world.slack
            slack.request_url = f"http://127.0.0.1:{stage.variables['PORT']}/slack/events"
            eventually(lambda: fetch(stage, "/healthz")[0] == 200, "the web process")
            yield stage


@pytest.fixture
def stage(served: Stage) -> Stage:
    open_shop(served)
    return served


@pytest.fixture
def chat(stage: Stage) -> Chat:
    return stage.chat


def fetch(
    stage: Stage, path: str, body: str | None = None, headers: dict[str, str] = FORM
) -> tuple[int, str]:
    """(status, body); (0, "") while nobody listens."""
    data = body.encode() if body is not None else None
    request = urllib.request.Request(f"http://127.0.0.1:{stage.variables['PORT']}{path}", data, headers)
    try:
        with urllib.request.urlopen(request, timeout=5) as answer:  # noqa: S310  # loopback
            return answer.status, answer.read().decode()
    except urllib.error.HTTPError as error:
        return error.code, error.read().decode()
    except OSError:
        return 0, ""


def signed(body: str, secret: str = SIGNING_SECRET) -> dict[str, str]:
    return {**FORM, **HttpMode(secret).signature(body)}


def test_forms_the_home_tab_and_shortcuts_work_over_http_too(chat: Chat, stage: Stage) -> None:
    screen, slack = Screen(stage, "engineer"), stage.world.slack.slack
    screen.types("deploy")
    screen.shows("Deploy")

    assert screen.offers("wbe") == ["web"]
    assert "Your projects" in shown(opens(stage, "engineer", "Your projects"))
    ts = stage.thread.call(slack.say, "oncall", "#oncall", "what happened?")
    stage.thread.call(slack.shortcut, "oncall", "what_changed", "#oncall", ts)
    message = slack.messages[slack.channel("#oncall").id][ts]
    eventually(lambda: message.replies, "an answer in the thread")
    assert "Nothing was changed" in Said(message.replies[0]).shown
    assert chat.said() == []


def test_a_mention_a_command_and_a_button_reach_the_same_door(chat: Chat, stage: Stage) -> None:
    said = chat.ends(chat.says("deploy web to dev", by="engineer"))
    asked = chat.slash("deploy wbe to trunk", by="engineer")
    tapped = chat.taps(asked, "deploy web to trunk", by="engineer")

    assert "is live on web/dev" in said.text
    assert "is live on web/trunk" in chat.ends(tapped).text
    assert len(stage.world.jenkins.triggers) == 2


def test_a_refusal_is_the_acknowledgement_of_a_command(chat: Chat, stage: Stage) -> None:
    said = chat.slash("deploy web to product", by="engineer")

    assert "product needs role ops" in said.text
    assert said.only_for == "U0ENGINEER"


def test_an_event_that_slack_sends_again_is_one_operation(chat: Chat, stage: Stage) -> None:
    said = chat.says("deploy web to dev", by="engineer")
    envelope = stage.world.slack.envelopes[-1]
    sent = len(envelope.sent)

    stage.thread.call(stage.world.slack.delivery.send_again, envelope)
    eventually(lambda: len(envelope.sent) > sent, "the repetition")
    chat.ends(said)

    assert len(chat.said()) == 1
    assert len(stage.world.jenkins.triggers) == 1


def test_only_what_slack_signed_a_moment_ago_is_believed(stage: Stage) -> None:
    good = signed(SLASH)
    old = str(int(time.time()) - 600)
    forged = {
        "no signature": FORM,
        "another secret": signed(SLASH, "another"),
        "another body": signed(SLASH + "&x=1"),
        "an empty signature": {**good, "X-Slack-Signature": ""},
        "no timestamp": {name: value for name, value in good.items() if "Timestamp" not in name},
        "another timestamp": {**good, "X-Slack-Request-Timestamp": str(int(time.time()) - 100)},
        "an old timestamp": {**good, "X-Slack-Request-Timestamp": old},
        "no number": {**good, "X-Slack-Request-Timestamp": "now"},
    }

    answers = {what: fetch(stage, "/slack/events", SLASH, headers)[0] for what, headers in forged.items()}

    assert answers == dict.fromkeys(forged, 401)
    assert not stage.redis.exists("shipmate:active:change")
    assert fetch(stage, "/slack/events", SLASH, good)[0] == 200


def test_a_recorded_request_is_believed_for_five_minutes_only(stage: Stage) -> None:
    """A replay within them is the same request: one operation (https://docs.slack.dev/authentication/verifying-requests-from-slack)."""
    headers = signed(SLASH)

    for _ in range(3):
        assert fetch(stage, "/slack/events", SLASH, headers)[0] == 200

    eventually(lambda: stage.redis.zcard("shipmate:finished"), "the end")
    assert len(stage.world.jenkins.triggers) == 1


@pytest.mark.parametrize("body", ["", "{", "payload=%7B", "payload=[]", "\x00\xff"])
def test_what_nobody_signed_is_not_even_read(stage: Stage, body: str) -> None:
    for kind in ("application/json", FORM["Content-Type"]):
        assert fetch(stage, "/slack/events", body, {"Content-Type": kind})[0] == 401


def test_too_much_is_refused(stage: Stage) -> None:
    body = "text=" + "x" * 1_100_000

    assert fetch(stage, "/slack/events", body, signed(body))[0] in (0, 413)
    assert fetch(stage, "/healthz")[0] == 200


def test_the_challenge_of_slacks_settings_page_is_answered(stage: Stage) -> None:
    body = json.dumps({"type": "url_verification", "challenge": "3eZbrw1aB", "token": "x"})

    status, answer = fetch(stage, "/slack/events", body, {**signed(body), "Content-Type": "application/json"})

    assert status == 200
    assert "3eZbrw1aB" in answer


def test_without_a_signing_secret_there_is_no_door(stage: Stage) -> None:
    variables = {**stage.variables, "SLACK_SIGNING_SECRET": ""}
    client = build(App(Environment.read(variables))).test_client()

    assert client.post("/slack/events", data=SLASH).status_code == 404
    assert client.get("/healthz").status_code == 200


def test_figures_for_prometheus(chat: Chat, stage: Stage) -> None:
    chat.ends(chat.says("deploy web to dev", by="engineer"))

    status, text = fetch(stage, "/metrics")

    assert status == 200
    assert 'shipmate_operations{state="finished"} 1.0' in text
    assert 'shipmate_queue_length{queue="changes"} 0.0' in text


def test_health_follows_redis_and_a_command_is_answered_without_it(chat: Chat, stage: Stage) -> None:
    assert fetch(stage, "/healthz") == (200, '{"redis":"ok"}\n')

    stage.redis_server.kill()
    try:
        assert fetch(stage, "/healthz")[0] == 503
        assert fetch(stage, "/metrics")[0] == 503
        said = chat.slash("deploy web to dev", by="engineer")
        assert "memory (Redis) does not answer. Nothing was started" in said.text
    finally:
        stage.redis_server.start()

    eventually(lambda: fetch(stage, "/healthz")[0] == 200, "health")
    assert not stage.world.jenkins.triggers


def test_a_slow_client_does_not_hold_up_the_others(stage: Stage) -> None:
    lazy = [HTTPConnection("127.0.0.1", int(stage.variables["PORT"]), timeout=60) for _ in range(20)]
    for connection in lazy:
        connection.putrequest("POST", "/slack/events")
        connection.putheader("Content-Length", "1000")
        connection.endheaders(b"half")

    began = time.monotonic()
    assert fetch(stage, "/healthz")[0] == 200

    assert time.monotonic() - began < 10
    for connection in lazy:
        connection.close()
