"""The sample shop's configuration, with an environment that fills it in."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import yaml

from bot.command import discover
from bot.settings import Settings, load

PATH = Path(__file__).parents[1] / "sandbox" / "shipmate.yaml"

COMMANDS = ("deploy", "help", "history", "logs", "rollback", "scale", "status", "whoami")
"""Some of them: enough for tests of the policy."""

ENV = {
    "SLACK_TEAM": "T0SHOP",
    "CONSOLE_ACCOUNT": "olga",
    "CONSOLE_CHANNEL": "C0DEPLOYS",
    "KUBERNETES_URL": "http://127.0.0.1:8001",
    "KUBERNETES_TOKEN": "kubernetes-secret",
    "JENKINS_URL": "http://127.0.0.1:8002/",
    "JENKINS_USER": "shipmate",
    "JENKINS_TOKEN": "jenkins-secret",
    "ELASTICSEARCH_URL": "http://127.0.0.1:8003",
    "ELASTICSEARCH_API_KEY": "elasticsearch-secret",
    "HARBOR_URL": "http://127.0.0.1:8005",
    "HARBOR_USER": "robot$shipmate",
    "HARBOR_PASSWORD": "harbor-secret",
    "MAIL_SERVER": "127.0.0.1:8025",
    "MAIL_CA": "ca.pem",
    "HOOK_SECRET": "hook-secret",
    "KIBANA_URL": "http://127.0.0.1:8004",
    "LOGSTASH_URL": "http://127.0.0.1:8006",
    "PROMETHEUS_URL": "http://127.0.0.1:8007",
}


def settings() -> Settings:
    return load(PATH, ENV, [command.verb for command in discover("commands")])


def changed_shop(folder: Path, change: Callable[[dict[str, Any]], None]) -> Path:
    """The sample's configuration as a file of its own, after `change` has had its way with it."""
    plain = yaml.safe_load(PATH.read_text())
    change(plain)
    path = folder / "shipmate.yaml"
    path.write_text(yaml.safe_dump(plain, sort_keys=False))
    return path
