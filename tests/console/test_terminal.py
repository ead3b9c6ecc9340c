"""The break-glass terminal as a person has it before them, in a shop whose Slack is gone."""

from __future__ import annotations

import json
import os
import re
import stat
import subprocess
import sys
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest

from bot.console import this_account
from bot.logbook import REFUSED
from sandbox.chat import eventually
from sandbox.crew import ROOT
from sandbox.stage import Stage, staged
from tests.console.sitting import CTRL_C, TAB, UP, Sitting
from tests.sample import changed_shop

PACE = 0.4
"""Slow enough to be watched."""
SECRET = "ghp_" + "a1B2" * 9  # as GitHub makes them


@pytest.fixture(scope="module")
def shop(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Stage]:
    """Slack's server is stopped, and nobody listens to it. QA approve what goes to product."""

    def changed(plain: dict[str, Any]) -> None:
        plain["environments"]["product"]["approvals"] = {"count": 1, "role": "lead", "minutes": 5}
        plain["roles"]["lead"] = {"members": {"users": ["U0QA"]}, "may": [{"commands": ["approve"]}]}
        qa = {"account": "${CONSOLE_ACCOUNT}", "email": "qa@shop.example", "user": "U0QA"}
        plain["console"]["accounts"].append(qa)

    folder = tmp_path_factory.mktemp("console")
    crew = ("worker", "watcher")
    with staged(folder, PACE, crew, changed_shop(folder, changed)) as stage:
        stage.thread.run(stage.world.slack.stop())
        yield stage


def audit(shop: Stage) -> list[dict[str, str]]:
    """What an auditor reads."""
    variables = {**os.environ, **shop.variables}
    command = [sys.executable, "-m", "bot", "audit"]
    done = subprocess.run(command, env=variables, cwd=ROOT, capture_output=True, text=True, check=True)  # noqa: S603
    return [json.loads(line) for line in done.stdout.splitlines()]


@pytest.fixture
def home(tmp_path: Path) -> Path:
    return tmp_path


@pytest.fixture
def sitting(shop: Stage, home: Path) -> Iterator[Sitting]:
    taken = Sitting(shop.variables, home)
    yield taken
    taken.process.close(force=True)


@pytest.fixture
def lead(shop: Stage, home: Path) -> Iterator[Sitting]:
    taken = Sitting(shop.variables, home, "qa@shop.example")
    yield taken
    taken.process.close(force=True)


def test_tab_completes_a_command_and_a_project(sitting: Sitting) -> None:
    sitting.shows("shipmate>")

    sitting.presses(f"hist{TAB}")
    sitting.shows("shipmate> history")
    sitting.presses(f" we{TAB}")
    sitting.shows("shipmate> history web")
    sitting.presses(f" in tr{TAB}")
    sitting.shows("shipmate> history web in trunk")
    sitting.presses("\r")

    sitting.shows("web/trunk")


def test_a_deployment_grows_in_place_and_stays_with_its_result(sitting: Sitting, shop: Stage) -> None:
    sitting.types("deploy web to dev at r1839")
    end = sitting.shows("is live on web/dev")

    under_way = [screen for screen in sitting.past if "Ctrl-C ends the watching" in screen]
    steps = {screen.count("✓") for screen in under_way}
    assert len(steps) > 1, "it was seen to grow"
    heads = [screen.count("deploy web to dev at r1839 ·") for screen in under_way]
    assert max(heads) == 1, "in place"  # none where the screen was looked at half drawn
    assert any("↻" in screen for screen in under_way), "what is under way"
    assert end.count("deploy web to dev at r1839 ·") == 1
    assert "✔ deploy web to dev at r1839 · done" in end
    assert "Ctrl-C ends the watching" not in end
    assert shop.world.kubernetes.image("dev", "web").endswith("dev-r1839-1")
    assert sitting.leaves() == 0


def test_a_refusal_says_who_may(lead: Sitting) -> None:
    lead.types("scale web in product to 9")

    assert "needs role oncall" in lead.shows("may not scale web in product")
    lead.types("frobnicate web")
    lead.shows("I do not know frobnicate")


def test_somebody_else_approves_at_another_terminal(sitting: Sitting, lead: Sitting, shop: Stage) -> None:
    sitting.types("deploy shop to product")
    waits = sitting.shows("waits for approval")
    found = re.search(r"approve (\w{4})", waits)
    assert found, waits
    assert shop.world.jenkins.triggers == [] or shop.world.jenkins.triggers[-1].job != "shop-build"

    lead.types(f"approve {found[1]}")

    lead.shows("Approved")
    assert "deploy shop to product · done" in sitting.shows("is live on shop/product", within=60)


def test_ctrl_c_ends_the_watching_and_not_the_operation(sitting: Sitting, shop: Stage) -> None:
    sitting.types("scale api in trunk to 4")
    sitting.shows("Ctrl-C ends the watching")
    sitting.presses(CTRL_C)

    sitting.shows("It goes on without you")
    eventually(
        lambda: shop.world.kubernetes.deployment("trunk", "api")["spec"]["replicas"] == 4, "the scaling"
    )
    sitting.presses(f"half a li{CTRL_C}")
    assert sitting.leaves() == 0


def test_the_history_survives_a_restart_without_secrets_and_for_nobody_else(shop: Stage, home: Path) -> None:
    lax = home / ".shipmate_history"
    lax.touch(mode=0o644)
    first = Sitting(shop.variables, home)
    first.types(f"logs web in trunk grep {SECRET}")
    first.types("whoami")
    first.shows("role ops")
    assert first.leaves() == 0

    second = Sitting(shop.variables, home)
    second.shows("shipmate>")
    second.presses(UP)
    second.shows("shipmate> whoami")
    second.presses(UP)
    second.shows("shipmate> logs web in trunk grep")
    second.process.close(force=True)

    assert SECRET not in lax.read_text()
    assert stat.S_IMODE(lax.stat().st_mode) == 0o600


def test_it_works_where_there_is_no_home(shop: Stage, tmp_path: Path) -> None:
    sitting = Sitting(shop.variables, tmp_path / "nowhere")
    sitting.types("whoami")
    sitting.shows("role ops")
    assert sitting.leaves() == 0


def test_what_was_typed_is_kept_for_whoever_audits(shop: Stage, home: Path) -> None:
    sitting = Sitting(shop.variables, home)
    sitting.types(f"logs web in trunk grep {SECRET}")
    assert sitting.leaves() == 0
    stranger = Sitting(shop.variables, home, "engineer@shop.example")
    stranger.shows("may not speak for engineer@shop.example")

    kept = audit(shop)

    ours = next(line for line in kept if line["text"].startswith("logs web in trunk grep "))
    assert (ours["account"], ours["email"]) == (this_account(), "ops@shop.example")
    assert datetime.fromisoformat(ours["at"]).date() <= datetime.now(UTC).date()
    assert SECRET not in str(kept)
    assert any(line["email"] == "engineer@shop.example" and line["text"] == REFUSED for line in kept)
