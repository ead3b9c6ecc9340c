"""The docs and the JSON Schema say what the models say."""

from __future__ import annotations

from typing import Any

import jsonschema  # type: ignore[import-untyped]  # ships no types
import pytest
import yaml

from bot.settings import reference, schema
from tests import sample

RENEW = "stale: run `python -m bot.settings.reference`"


def written() -> Any:
    return yaml.safe_load(sample.PATH.read_text())


def test_the_json_schema_is_current() -> None:
    assert reference.SCHEMA.read_text() == reference.schema_text(), f"{reference.SCHEMA.name} is {RENEW}"


def test_the_guide_describes_every_key() -> None:
    guide = reference.GUIDE.read_text()

    assert guide == reference.guide_text(guide), f"{reference.GUIDE.name} is {RENEW}"


def test_every_key_has_a_meaning() -> None:
    keys = reference.keys(schema())

    assert not [key.path for key in keys if not key.meaning.endswith(".")]
    paths = {key.path for key in keys}
    assert {"projects.<name>.build.job", "roles.<name>.may[].commands", "limits.build_minutes"} <= paths


@pytest.mark.parametrize(
    "name",
    [
        "SHIPMATE_CONFIG",
        "REDIS_URL",
        "SLACK_BOT_TOKEN",
        "SLACK_APP_TOKEN",
        "SLACK_SIGNING_SECRET",
        "SLACK_API_URL",
    ],
)
def test_the_guide_describes_the_environment(name: str) -> None:
    assert f"| `{name}` |" in reference.GUIDE.read_text()


def test_the_sample_validates() -> None:
    jsonschema.Draft202012Validator.check_schema(schema())
    jsonschema.validate(written(), schema(), jsonschema.Draft202012Validator)


def test_the_schema_refuses_a_literal_secret_and_an_unknown_key() -> None:
    literal, unknown = written(), written()
    literal["jenkins"]["main"]["token"] = "hunter2"
    unknown["jenkins"]["main"]["tokn"] = "${JENKINS_TOKEN}"

    for config in (literal, unknown):
        with pytest.raises(jsonschema.ValidationError):
            jsonschema.validate(config, schema(), jsonschema.Draft202012Validator)
