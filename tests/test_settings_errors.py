"""What Shipmate says about a `shipmate.yaml` that is not sound: each line names line, key and the fix."""

from __future__ import annotations

import random
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given
from hypothesis import settings as budget
from hypothesis import strategies as st

from bot.settings import BadSettings, load
from tests import sample
from tests.test_settings import SMALL

COMMANDS = ("deploy", "status", "help")


def problems(folder: Path, text: str | bytes, env: dict[str, str] | None = None) -> list[str]:
    """The lines that are said of `text`, without the file's name; none: it is sound."""
    path = folder / "shipmate.yaml"
    path.write_bytes(text if isinstance(text, bytes) else text.encode())
    try:
        load(path, {"TOKEN": "s3cret"} if env is None else env, COMMANDS)
    except BadSettings as bad:
        return [line.removeprefix(f"{path}:") for line in bad.lines]
    return []


def slips() -> list[tuple[str, str, list[str]]]:
    """What SMALL says, what stands there instead, and every line that is said of it."""
    _, *blocks = (Path(__file__).parent / "data" / "settings" / "slips.txt").read_text().split("\n\n")
    rows = [block.splitlines() for block in blocks]
    return [(written, instead.replace("\\n", "\n"), said) for written, instead, *said in rows]


@pytest.mark.parametrize(("written", "instead", "said"), slips())
def test_a_slip_is_told_with_its_line_and_its_fix(
    tmp_path: Path, written: str, instead: str, said: list[str]
) -> None:
    assert SMALL.count(written) == 1

    assert problems(tmp_path, SMALL.replace(written, instead)) == said


def test_all_problems_are_told_at_once_in_the_order_of_the_file(tmp_path: Path) -> None:
    text = SMALL.replace("source: svn", "source: cvs").replace("in_cluster: true", "in_cluster: no")

    lines = problems(tmp_path, text, env={})

    assert lines == [
        '6: clusters.main.in_cluster: expected true or false, found "no"',
        "9: jenkins.main.token: ${TOKEN} is not set in the environment, or is empty",
        '16: projects.web.source: expected one of svn, git, found "cvs"',
    ]


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("", " is empty; docs/configuration.md shows what belongs there"),
        ("# nothing yet\n", " is empty; docs/configuration.md shows what belongs there"),
        ("- a\n- list\n", "1: expected keys with values, found a list"),
        ("slack:\n\tteams: [T1]\n", "2: not valid YAML: a tab, where YAML wants spaces"),
        ("slack: {teams: [T1\n", "2: not valid YAML: expected ',' or ']', but got '<stream end>'"),
        ("a: 1\n---\nb: 2\n", "2: not valid YAML: but found another document"),
        ("a: *nothing\n", "1: not valid YAML: found undefined alias 'nothing'"),
        ("a: \x07\n", " not valid YAML: unacceptable character #x0007: special characters are not allowed"),
        ("[" * 5000, " not valid YAML: nested too deeply"),
        (b"slack: \xff\xfe\n", " cannot be read: not UTF-8 at byte 7"),
    ],
)
def test_what_is_no_configuration_at_all_is_one_line(tmp_path: Path, text: str | bytes, said: str) -> None:
    assert problems(tmp_path, text) == [said]


def test_a_missing_file_and_a_folder_are_one_line(tmp_path: Path) -> None:
    with pytest.raises(BadSettings) as missing:
        load(tmp_path / "none.yaml", {})
    with pytest.raises(BadSettings) as folder:
        load(tmp_path, {})

    assert missing.value.lines == [
        f"{tmp_path}/none.yaml: no such file; SHIPMATE_CONFIG says which one to read"
    ]
    assert folder.value.lines == [f"{tmp_path}: cannot be read: Is a directory"]


@pytest.mark.parametrize(
    ("written", "instead", "where"),
    [
        ("${TOKEN}", "hunter2", "9: jenkins.main.token: expected a secret written ${NAME}"),
        ('"${TOKEN}"', "271828", "9: jenkins.main.token: expected a secret written ${NAME}"),
        ("https://jenk", "https://me:hunter2@jenk", "9: jenkins.main.url: an address"),
        ("token:", "tokn:", "9: jenkins.main.tokn: unknown key; did you mean token?"),
        ("in_cluster: true", "server: '${TOKEN}', token: hunter2", "6: clusters.main.server: expected"),
    ],
)
def test_secrets_are_not_repeated(tmp_path: Path, written: str, instead: str, where: str) -> None:
    path = tmp_path / "shipmate.yaml"
    path.write_text(SMALL.replace(written, instead))

    with pytest.raises(BadSettings) as told:
        load(path, {"TOKEN": "s3cret"})

    said, error = str(told.value), told.value
    assert where in said
    assert not [secret for secret in ("hunter2", "271828", "s3cret") if secret in said]
    assert error.__context__ is None


def test_commands_are_only_checked_when_they_are_known(tmp_path: Path) -> None:
    path = tmp_path / "shipmate.yaml"
    path.write_text(SMALL.replace('commands: ["*"]', "commands: [restart]"))

    assert load(path, {"TOKEN": "s3cret"}).roles["ops"].may[0].commands == ("restart",)


@given(st.text(alphabet=st.sampled_from("ab: -[]{}&*!|>'\"%@`#,?\n\t~<${}01.\u00e9\x00"), max_size=80))
@budget(max_examples=300, suppress_health_check=[HealthCheck.function_scoped_fixture], deadline=None)
def test_no_text_at_all_raises_anything_else(tmp_path: Path, text: str) -> None:
    assert problems(tmp_path, text)


@pytest.mark.parametrize("seed", range(40))
def test_a_mangled_sample_is_sound_or_told(tmp_path: Path, seed: int) -> None:
    chance = random.Random(seed)
    lines = sample.PATH.read_text().splitlines()
    for _ in range(3):
        at = chance.randrange(len(lines))
        lines[at : at + 1] = chance.choice(
            [[], [lines[at]] * 2, [lines[at].replace(":", "")], [" " + lines[at]]]
        )

    told = problems(tmp_path, "\n".join(lines), sample.ENV)

    assert not [line for line in told if not line[0].isdigit() or "\n" in line or "-secret" in line]
