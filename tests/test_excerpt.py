"""The excerpt of a failing build is about its cause, whichever tool failed."""

from __future__ import annotations

from pathlib import Path

import pytest
import yaml
from hypothesis import given
from hypothesis import strategies as st

from bot.excerpt import MOST_COLUMNS, console_excerpt
from bot.redact import redact

# Each console: what comes before, the line that explains, what comes after.
NOISE = [f"step {n} is fine, 0 errors, no failures" for n in range(200)]
TAIL = [  # what Jenkins does afterwards is no part of an excerpt
    "Build step 'Execute shell' marked build as failure",
    *(f"Archiving artifact {n}" for n in range(40)),
    "ERROR: script returned exit code 1",
    "Finished: FAILURE",
]

CONSOLES = Path(__file__).parent / "data" / "logs"
POINTED_AT: dict[str, str] = yaml.safe_load((CONSOLES / "causes.yaml").read_text())
"""Console -> the line of it that a person would point at."""
MISSED = {"unseen/trivy-gate"}
"""It fails by a table that says no word of failure."""


@pytest.mark.parametrize("name", POINTED_AT)
def test_the_excerpt_of_a_real_console_holds_the_line_that_explains(name: str) -> None:
    console = (CONSOLES / f"{name}.log").read_bytes().decode()
    lines = console_excerpt(console)
    assert len(lines) <= 20
    assert any(POINTED_AT[name][:200] in line for line in lines) is (name not in MISSED)


def test_the_corpus_is_large_and_its_consoles_are_long() -> None:
    names = {str(path.relative_to(CONSOLES).with_suffix("")) for path in CONSOLES.rglob("*.log")}
    assert names == POINTED_AT.keys()
    assert len(names) >= 60
    assert len([name for name in names if name.startswith("unseen/")]) >= len(names) / 5
    assert all((CONSOLES / f"{name}.log").read_text().count("\n") > 100 for name in names)


CAUSES = {
    "maven compiler": "[ERROR] /ws/src/main/java/com/shop/Cart.java:[31,17] cannot find symbol",
    "maven tests": "[ERROR] CartTest.totals:42 » NullPointer <<< ERROR!",
    "maven artifact": "[ERROR] Failed to execute goal: Could not resolve dependencies for com.shop:web",
    "gradle": "* What went wrong:",
    "kotlin": "e: /ws/src/Cart.kt: (12, 5): Unresolved reference: totl",
    "javac": "src/com/shop/Cart.java:31: error: ';' expected",
    "webpack": "ERROR in ./src/cart.js 12:4",
    "uglify": "Parse error: Unexpected token: punc (})",
    "typescript": "src/cart.ts(12,5): error TS2322: Type 'string' is not assignable to type 'number'.",
    "eslint": "  12:5  error  'total' is not defined  no-undef",
    "npm": "npm ERR! code ERESOLVE",
    "npm 10": "npm error Missing script: \"build\"",
    "pip": "ERROR: No matching distribution found for flask==99",
    "pytest": "E       assert 3 == 4",
    "python": "Traceback (most recent call last):",
    "docker": 'ERROR: failed to solve: process "/bin/sh -c make" did not complete successfully: exit code: 2',
    "docker pull": "pull access denied for base/nginx, repository does not exist",
    "docker push": "unauthorized: unauthorized to access repository: web/web, action: push",
    "dockerfile": "COPY failed: file not found in build context: stat dist: file does not exist",
    "git": "fatal: couldn't find remote ref refs/heads/releases",
    "git merge": "CONFLICT (content): Merge conflict in pom.xml",
    "svn": "svn: E170013: Unable to connect to a repository at URL",
    "go": "./cart.go:12:5: undefined: totl",
    "go test": "--- FAIL: TestTotal (0.00s)",
    "go panic": "panic: runtime error: index out of range [3] with length 3",
    "gcc": "cart.c:12:5: error: expected ';' before '}' token",
    "rust": "error[E0425]: cannot find value `totl` in this scope",
    "jvm": "Exception in thread \"main\" java.lang.IllegalStateException: no address",
    "disk": "cp: error writing 'dist/app.js': No space left on device",
    "shell": "/ws/build.sh: line 3: mvnn: command not found",
    "network": "curl: (7) Failed to connect to nexus.shop.example port 443: Connection refused",
}  # fmt: skip


@pytest.mark.parametrize("cause", CAUSES.values(), ids=CAUSES)
@pytest.mark.parametrize("prefix", ["", "[2026-03-14T11:50:00.123Z] ", "11:50:00 ", "#12 3.456 "])
def test_the_cause_is_shown_not_the_tail(cause: str, prefix: str) -> None:
    console = "\n".join(prefix + line for line in [*NOISE, cause, *TAIL])
    lines = console_excerpt(console)
    assert lines[-1].endswith(cause)
    assert len(lines) == 20


@pytest.mark.parametrize(
    "consequence",
    [
        "make: *** [Makefile:12: dist] Error 2",
        "FAILURE: Build failed with an exception.",
        "npm ERR! code ELIFECYCLE",
    ],
)
def test_a_cause_wins_over_an_earlier_consequence(consequence: str) -> None:
    lines = console_excerpt("\n".join([consequence, *NOISE, "svn: E155015: Aborting commit", *TAIL]))
    assert "svn: E155015: Aborting commit" in lines
    assert consequence in console_excerpt("\n".join([*NOISE, consequence, *TAIL]))


def test_a_mention_is_better_than_the_tail() -> None:
    lines = console_excerpt("\n".join([*NOISE, "deploy.sh: upload failed, giving up", *NOISE]))
    assert lines[3] == "deploy.sh: upload failed, giving up"


@pytest.mark.parametrize(
    "harmless",
    [
        "Tests run: 12, Failures: 0, Errors: 0, Skipped: 0",
        "[INFO] BUILD FAILURE is what we never want",
        "[WARNING] the old error handler is deprecated",
        "bundling src/errors.js and error.html",
        "flags: --fail-on-error --no-exception",
        "found 0 errors",
    ],
)
def test_what_only_sounds_like_an_error_is_passed_over(harmless: str) -> None:
    console = "\n".join([harmless, *(f"line {n}" for n in range(60))])
    assert console_excerpt(console) == [f"line {n}" for n in range(40, 60)]


STAGES = """[Pipeline] {{ (Check)
+ ./check.sh
check.sh:1: error: {first}
{between}
[Pipeline] }}
[Pipeline] {{ (Package)
+ ./package.sh
package.sh: no such word
{second}
[Pipeline] }}
[Pipeline] {{ (Declarative: Post Actions)
+ ./report.sh
Traceback (most recent call last):
OSError: the report has no place
ERROR: script returned exit code 1
"""


@pytest.mark.parametrize("stage", ["Package", ""])
def test_the_stage_that_failed_is_looked_at_first(stage: str) -> None:
    console = STAGES.format(first="oh", second="exiting: plain words, failed", between="\n".join(NOISE))
    assert console_excerpt(console, most=4, stage=stage)[-1] == "exiting: plain words, failed"


def test_what_was_retried_and_logged_on_the_way_is_passed_over() -> None:
    passing = ["+ mvn verify", "java.io.IOException: the stock server answered 500", *NOISE]
    lines = console_excerpt("\n".join(["curl: (22) error 503", *passing, "lint.sh: failed", *TAIL]))
    assert lines[-1] == "lint.sh: failed"


def test_the_middle_of_a_stack_trace_makes_room_for_its_cause() -> None:
    frames = [f"\tat com.shop.Deep.call{n}(Deep.java:{n})" for n in range(40)]
    lines = console_excerpt(
        "\n".join(["java.lang.IllegalStateException: no", *frames, "Caused by: a.B: yes"])
    )
    assert lines == ["java.lang.IllegalStateException: no", *frames[:2], "    …", "Caused by: a.B: yes"]


def test_a_console_without_an_error_shows_its_end() -> None:
    assert console_excerpt("a\nb\n\n\nc\n\n", most=2) == ["", "c"]
    assert console_excerpt("") == []


def test_an_error_near_the_end_keeps_more_of_what_came_before() -> None:
    lines = console_excerpt("\n".join([*NOISE, "fatal: no such ref"]), most=10)
    assert len(lines) == 10
    assert lines[-1] == "fatal: no such ref"


def test_escape_codes_progress_and_noise_are_left_out() -> None:
    note = "\x1b[8mha:////4AAAB+LCAAAAAAAA=\x1b[0m"
    console = (
        "[Pipeline] sh\nDownloading from central: https://x/y.jar\n"
        "10%\r50%\r100% fetched\r\n"
        f"{note}\x1b[31;1mfatal: \x1b[0mno such ref\x1b]0;title\x07\x1b[K\n[Pipeline] }}\n"
    )
    assert console_excerpt(console) == ["100% fetched", "fatal: no such ref"]


def test_long_lines_are_cut() -> None:
    [line] = console_excerpt("fatal: " + "x" * 5000)
    assert len(line) == MOST_COLUMNS
    assert line.endswith("…")


@given(st.text(), st.integers(1, 30))
def test_any_text_gives_at_most_so_many_readable_lines(text: str, most: int) -> None:
    lines = console_excerpt(text, most)
    assert len(lines) <= most
    assert all("\x1b" not in line and "\n" not in line and len(line) <= MOST_COLUMNS for line in lines)


@pytest.mark.parametrize(
    "piece",
    [
        "\x1b",
        "\x1b[",
        "\x1b]",
        "\x1b[8mha:",
        "\r",
        "[ERROR] ",
        "a.java:1",
        "x.",
        "Exception ",
        "x:1: \n",
        "a\n",
    ],
)
@pytest.mark.timeout(20)
def test_a_hostile_megabyte_takes_no_longer_than_another(piece: str) -> None:
    assert len(console_excerpt(piece * (1_000_000 // len(piece)))) <= 20


@pytest.mark.parametrize("column", range(265, 300))
def test_nothing_is_seen_of_a_secret_where_a_line_is_cut(column: int) -> None:
    token = "ghp_" + "A1b2C3d4" * 5
    line = "error: ".ljust(column, "x") + f" {token} and more"

    shown = redact("\n".join(console_excerpt(line))).text

    assert "ghp_" not in shown
