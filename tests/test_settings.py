"""What a sound `shipmate.yaml` means."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path
from textwrap import dedent

import pytest
from pydantic import ValidationError

from bot.ports import Place
from bot.settings import LogSource, NoSuchTarget, Settings, fill, load
from tests import sample

SMALL = """\
slack: {teams: [T0SHOP]}
environments:
  dev: {line: dev}
  product: {line: releases, aliases: [prod]}
clusters:
  main: {in_cluster: true}
  far: {kubeconfig: far.conf, context: far}
jenkins:
  main: {url: "https://jenkins.example/ci/", user: shipmate, token: "${TOKEN}"}
elasticsearch:
  main: {urls: ["https://logs.example"]}
defaults:
  build: {jenkins: main, job: "{project}-build", image: {template: "r/{project}:{build}"}}
  target: {cluster: main, replicas: {min: 2, max: 9}}
projects:
  web: {source: svn}
  batch:
    source: git
    build: {job: team/batch, image: {artifact: image.txt}}
    environments:
      product: {line: trunk, cluster: far, name: worker, replicas: {max: 4}, logs: {elasticsearch: main}}
roles:
  ops: {members: {users: [U0OPS]}, may: [{commands: ["*"]}]}
"""


@pytest.fixture
def small(tmp_path: Path) -> Settings:
    path = tmp_path / "shipmate.yaml"
    path.write_text(SMALL)
    return load(path, {"TOKEN": "s3cret"})


def test_a_target_is_filled_from_the_defaults() -> None:
    target = sample.settings().target("web", "trunk")

    assert str(target) == "web/trunk"
    assert (target.line, target.cluster) == ("trunk", "main")
    assert target.place == Place(namespace="trunk", kind="Deployment", name="web", container="web")
    assert (target.replicas.min, target.replicas.max) == (1, 20)
    assert target.logs == LogSource("main", "logs-web-trunk", "logs-*")


def test_what_a_target_says_itself_wins_key_by_key(small: Settings) -> None:
    target = small.target("batch", "product")

    assert (target.line, target.cluster) == ("trunk", "far")
    assert target.place == Place(namespace="product", kind="Deployment", name="worker", container="batch")
    assert (target.replicas.min, target.replicas.max) == (2, 4)
    assert target.logs == LogSource("main", "logs-batch-product", "logs-*")


def test_a_target_without_elasticsearch_has_no_logs(small: Settings) -> None:
    assert small.target("web", "dev").logs is None


def test_a_project_without_environments_runs_in_all_of_them(small: Settings) -> None:
    assert small.targets() == (("web", "dev"), ("web", "product"), ("batch", "product"))


@pytest.mark.parametrize(
    ("project", "environment", "words"),
    [
        ("batch", "dev", "batch does not run in dev; it runs in product."),
        ("nope", "dev", "There is no project nope."),
        ("web", "prod", "There is no environment prod."),
    ],
)
def test_no_such_target(small: Settings, project: str, environment: str, words: str) -> None:
    with pytest.raises(NoSuchTarget) as told:
        small.target(project, environment)
    assert str(told.value) == words

    with pytest.raises(NoSuchTarget):
        small.job(project, environment)


def test_an_alias_stands_for_its_environment() -> None:
    settings = sample.settings()

    assert [settings.environment(name) for name in ("product", "prod", "production", "nope")] == [
        "product",
        "product",
        "product",
        None,
    ]
    assert list(settings.environments) == ["dev", "trunk", "hidden", "product"]
    assert [name for name, it in settings.environments.items() if it.protected] == ["product"]


@pytest.mark.parametrize(
    ("project", "path", "parameters"),
    [
        ("web", "web-build", {}),
        ("api", "team/api-build", {}),
        ("shop", "shop-build", {"IMAGE_TAG": "releases-k7f3"}),
        ("pay", "team/pay-release", {"ENVIRONMENT": "product"}),
    ],
)
def test_a_job_is_asked_with_the_parameters_of_its_project(
    project: str, path: str, parameters: dict[str, str]
) -> None:
    job = sample.settings().job(project, "product")

    assert (job.jenkins, job.path) == ("main", path)
    assert job.parameters("releases", "r1841", "k7f3") == {
        "LINE": "releases",
        "REVISION": "r1841",
        "SHIPMATE_OPERATION": "k7f3",
        **parameters,
    }


@pytest.mark.parametrize(
    ("project", "image"),
    [
        ("web", "harbor.shop.example/web/web:trunk-r1841-57"),
        ("api", "the value"),
        ("shop", "harbor.shop.example/shop/shop:the value"),
        ("pay", "harbor.shop.example/pay/pay:trunk-1841-57"),
    ],
)
def test_an_image_is_named_by_its_template(project: str, image: str) -> None:
    job = sample.settings().job(project, "trunk")
    built = {"line": "trunk", "revision": "1841", "build": "57", "value": "the value"}

    assert fill(job.image_source.template, {**job.known, **built}) == image


def test_a_git_commit_is_cut_to_seven_characters() -> None:
    template = sample.settings().job("pay", "trunk").image_source.template
    built = {"line": "trunk", "revision": "3f2a91c0d1e2f3a4b5c6d7e8f90a1b2c3d4e5f60", "build": "57"}

    assert fill(template, built) == "harbor.shop.example/pay/pay:trunk-3f2a91c-57"


def test_an_image_replaces_the_default_image_as_a_whole(small: Settings) -> None:
    source = small.job("batch", "product").image_source

    assert (source.template, source.parameter, source.artifact) == ("{value}", None, "image.txt")


def test_variables_are_filled_in_and_addresses_lose_their_last_slash(small: Settings) -> None:
    jenkins = small.jenkins["main"]

    assert jenkins.token.get_secret_value() == "s3cret"
    assert jenkins.url == "https://jenkins.example/ci"


def test_paths_start_at_the_folder_of_the_file(small: Settings, tmp_path: Path) -> None:
    assert small.clusters["far"].kubeconfig == tmp_path / "far.conf"


def test_secrets_are_not_shown() -> None:
    settings = sample.settings()

    for shown in (repr(settings), str(settings), settings.model_dump_json()):
        assert not [
            secret for secret in sample.ENV.values() if secret.endswith("-secret") and secret in shown
        ]


def test_settings_cannot_be_changed() -> None:
    settings = sample.settings()

    with pytest.raises(ValidationError, match="frozen"):
        settings.limits.build_minutes = 1
    with pytest.raises(TypeError):
        settings.projects["web"] = settings.projects["api"]  # type: ignore[index]


def test_text_stays_the_text_it_looks_like(tmp_path: Path) -> None:
    path = tmp_path / "shipmate.yaml"
    path.write_text(
        SMALL.replace("{source: svn}", dedent("{source: svn, build: {parameters: {A: no, B: on, C: 12:30}}}"))
    )

    parameters = load(path, {"TOKEN": "s3cret"}).job("web", "dev").parameters("dev", "HEAD", "k7f3")

    assert [parameters[name] for name in "ABC"] == ["no", "on", "12:30"]


def test_importing_settings_imports_no_client_of_a_system() -> None:
    code = "import sys, bot.settings, bot.policy; print(*sys.modules)"

    loaded = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)  # noqa: S603

    heavy = {"kubernetes", "elasticsearch", "jenkins", "slack_sdk", "slack_bolt", "rq", "redis", "jsonschema"}
    assert not heavy & set(loaded.stdout.split())
