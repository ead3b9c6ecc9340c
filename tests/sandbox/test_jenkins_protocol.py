"""The sandbox Jenkins on the wire: what clients do not show."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
import requests

from sandbox.jenkins import Job, Script, Stage, shop
from tests.sandbox.jenkins_support import TRIGGER, Running, eventually, left, running, trigger

PASSWORD = (shop.SHIPMATE.name, shop.SHIPMATE.password)


@pytest.fixture(scope="module")
def shared() -> Iterator[Running]:
    with running() as up:
        yield up


@pytest.fixture
def up(shared: Running) -> Running:
    shared.call(shared.server.reset)
    return shared


def test_anonymous_wrong_and_unknown_callers(up: Running) -> None:
    answers = {
        "none": up.get("/api/json", auth=None),
        "wrong": up.get("/api/json", auth=("shipmate", "wrong")),
        "empty": up.get("/api/json", auth=("reader", "")),
    }

    assert {name: answer.status_code for name, answer in answers.items()} == {
        "none": 403,
        "wrong": 401,
        "empty": 401,
    }
    assert all(a.headers["X-Jenkins"] and "<html" in a.text for a in answers.values())
    assert "Basic" in answers["wrong"].headers["WWW-Authenticate"]


@pytest.mark.parametrize(
    "path", ["/job/none/api/json", "/job/web-build/9/api/json", "/queue/item/9/api/json", "/x"]
)
def test_what_is_not_there_is_404_in_html(up: Running, path: str) -> None:
    answer = up.get(path)

    assert answer.status_code == 404
    assert answer.headers["Content-Type"].startswith("text/html")
    assert answer.headers["X-Jenkins"]


def test_a_missing_permission_is_named(up: Running) -> None:
    answer = up.post(TRIGGER, auth=(shop.READER.name, shop.READER.token))

    assert answer.status_code == 403
    assert "Reader is missing the Job/Build permission" in answer.text
    assert answer.headers["X-Required-Permission"] == "hudson.model.Item.Build"


def test_a_password_needs_the_crumb_of_its_session(up: Running) -> None:
    with requests.Session() as session:
        session.auth = PASSWORD
        without = session.post(up.server.url + TRIGGER, timeout=10)
        crumb = session.get(f"{up.server.url}/crumbIssuer/api/json", timeout=10).json()
        headers = {crumb["crumbRequestField"]: crumb["crumb"]}
        within = session.post(up.server.url + TRIGGER, headers=headers, timeout=10)
    elsewhere = up.post(TRIGGER, auth=PASSWORD, headers=headers)

    assert (without.status_code, within.status_code, elsewhere.status_code) == (403, 201, 403)
    assert "No valid crumb" in without.text
    assert len(up.server.triggers) == 1


def test_rules_of_build_and_build_with_parameters(up: Running) -> None:
    form = '{"parameter": [{"name": "LINE", "value": "dev"}]}'

    answers = {
        "build without form": up.post("/job/web-build/build").status_code,
        "build with form": up.post("/job/web-build/build", data={"json": form}).status_code,
        "unknown name in form": up.post(
            "/job/web-build/build", data={"json": form.replace("LINE", "X")}
        ).status_code,
        "GET": up.get(TRIGGER).status_code,
        "a folder": up.post("/job/team/buildWithParameters").status_code,
        "bad delay": up.post(TRIGGER, params={"delay": "soon"}).status_code,
    }

    assert answers == {
        "build without form": 400,
        "build with form": 201,
        "unknown name in form": 500,
        "GET": 405,
        "a folder": 404,
        "bad delay": 500,
    }
    assert [dict(t.parameters)["LINE"] for t in up.server.triggers] == ["dev"]


def test_a_job_without_parameters_wants_build() -> None:
    plain = Job("plain", "web", "svn", Script((Stage("Checkout", 0.1),)))
    with running((plain,)) as up:
        assert up.post("/job/plain/buildWithParameters").status_code == 500
        item = trigger(up, "/job/plain/build")
        build = left(up, item)["executable"]["number"]
        assert eventually(lambda: up.json(f"/job/plain/{build}/api/json")["result"]) == "SUCCESS"


def test_a_disabled_job_is_a_conflict(up: Running) -> None:
    up.post("/job/web-build/disable")

    answer = up.post(TRIGGER)

    assert answer.status_code == 409
    assert "not buildable" in answer.text
    assert up.json("/job/web-build/api/json?tree=buildable,color") == {
        "_class": "hudson.model.FreeStyleProject",
        "buildable": False,
        "color": "disabled",
    }
