"""HTTP: Slack in HTTP mode (signature verified by Bolt), health and figures."""

from __future__ import annotations

from typing import TYPE_CHECKING

from flask import Flask, Response, request
from prometheus_client import CollectorRegistry, Gauge, generate_latest
from redis.exceptions import RedisError

if TYPE_CHECKING:
    from bot.app import App

MOST_BYTES = 1_000_000
"""Slack's payloads are far smaller; more is refused with 413."""


def build(app: App) -> Flask:
    """Slack's endpoint exists only with a signing secret: without one nothing could be verified."""
    web = Flask("shipmate")
    web.config["MAX_CONTENT_LENGTH"] = MOST_BYTES
    web.add_url_rule("/healthz", "health", lambda: _health(app))
    web.add_url_rule("/metrics", "metrics", lambda: _metrics(app))
    if app.environment.slack_signing_secret:
        from slack_bolt.adapter.flask import SlackRequestHandler

        handler = SlackRequestHandler(app.bolt)
        web.add_url_rule("/slack/events", "slack", lambda: handler.handle(request), methods=["POST"])
    return web


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
