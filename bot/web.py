"""HTTP: Slack in HTTP mode (signature verified by Bolt), health and figures."""

from __future__ import annotations

import logging
from typing import TYPE_CHECKING

from flask import Flask, Response, request
from prometheus_client import CollectorRegistry, Gauge, generate_latest
from redis.exceptions import RedisError
from slack_sdk.signature import SignatureVerifier

if TYPE_CHECKING:
    from slack_bolt.adapter.flask import SlackRequestHandler

    from bot.app import App

log = logging.getLogger(__name__)

MOST_BYTES = 1_000_000
"""Slack's payloads are far smaller; more is refused with 413."""


MOST_BYTES_OF_A_HOOK = 5_000_000
"""Some list every file of every commit; what is larger than this is no push that people made."""


def build(app: App) -> Flask:
    """Slack's endpoint exists only with a signing secret: without one nothing could be verified."""
    web = Flask("shipmate")
    web.config["MAX_CONTENT_LENGTH"] = MOST_BYTES
    web.add_url_rule("/healthz", "health", lambda: _health(app))
    web.add_url_rule("/metrics", "metrics", lambda: _metrics(app))
    web.add_url_rule("/hooks/<name>", "hooks", lambda name: _hook(app, name), methods=["POST"])
    web.register_error_handler(413, _too_large)
    if app.environment.slack_signing_secret:
        from slack_bolt.adapter.flask import SlackRequestHandler

        handler = SlackRequestHandler(app.bolt)
        verifier = SignatureVerifier(app.environment.slack_signing_secret)
        web.add_url_rule("/slack/events", "slack", lambda: _slack(handler, verifier), methods=["POST"])
    return web


def _slack(handler: SlackRequestHandler, verifier: SignatureVerifier) -> Response:
    """Nothing of a request is read before its signature is known to be Slack's (Bolt would parse it first)."""
    signed_at = request.headers.get("X-Slack-Request-Timestamp", "")
    if not signed_at.isdecimal() or not verifier.is_valid_request(request.get_data(), dict(request.headers)):
        return Response("not signed by Slack\n", 401)
    try:
        answer: Response = handler.handle(request)
    except (AttributeError, KeyError, TypeError, ValueError) as nonsense:
        log.warning("a request to /slack/events makes no sense: %s", type(nonsense).__name__)
        return Response("not understood\n", 400)
    return answer


def _hook(app: App, name: str) -> Response:
    """Nothing of a request is read before it is known to be signed."""
    request.max_content_length = MOST_BYTES_OF_A_HOOK
    answer = app.hooks.receive(
        name, {key.lower(): value for key, value in request.headers}, request.get_data()
    )
    return Response(f"{answer.words}\n", answer.status, mimetype="text/plain")


def _too_large(_error: Exception) -> tuple[str, int]:
    log.warning("%s: too large, not read", request.path)
    return "too large\n", 413


def _health(app: App) -> tuple[dict[str, str], int]:
    """200 while Redis answers, as without it nothing can be accepted."""
    try:
        app.redis.ping()
    except RedisError:
        return {"redis": "does not answer"}, 503
    return {"redis": "ok"}, 200


def _metrics(app: App) -> Response:
    """Prometheus' text format (https://prometheus.io/docs/instrumenting/exposition_formats/)."""
    registry = CollectorRegistry()
    operations = Gauge("shipmate_operations", "Operations by what they do now", ["state"], registry=registry)
    queued = Gauge("shipmate_queue_length", "Jobs that no worker has taken yet", ["queue"], registry=registry)
    try:
        for state, count in app.ledger.counts().items():
            operations.labels(state).set(count)
        for queue, length in app.jobs.lengths().items():
            queued.labels(queue).set(length)
    except RedisError:
        return Response("redis does not answer\n", 503)
    return Response(generate_latest(registry), mimetype="text/plain; version=0.0.4")
