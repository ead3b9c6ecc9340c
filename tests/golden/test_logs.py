"""Logs: lines, kinds of errors, what went wrong with the question, and the way they take."""

from __future__ import annotations

from tests.commands.logs_support import written
from tests.golden.telling import Telling, scene


@scene
def test_lines(tell: Telling) -> None:
    """The newest ones that match."""
    for number in range(12):
        written(
            tell.stage,
            f"zebra crossed street {number}",
            level="ERROR" if number % 3 else "INFO",
            ago=60 - number,
        )
    written(tell.stage, "zebra password=hunter2hunter2 in SocketTimeoutException", ago=10)
    for text in (
        "logs web in hidden grep zebra limit 3",
        "logs web in hidden grep zebra level error",
        "logs web in hidden grep nonesuch",
        "logs web in hidden level fatal",
        "logs web in hidden pod web-1 grep zebra limit 1",
        "logs web in hidden trace 4bf92f3577b34da6",
        "logs web in hidden query 'log.level:ERROR AND zebra'",
        "logs web in hidden grep zebra limit 3 since 2h",
    ):
        tell.says(text, by="qa")


@scene
def test_questions_that_cannot_be_answered(tell: Telling) -> None:
    """Times, queries, views that do not go together."""
    for text in (
        "logs web in hidden since 1h around 14:05",
        "logs web in hidden since tomorrow 18:00",
        "logs web in hidden between 2020-01-01 14:00 and 2020-01-01 13:00",
        "logs web in hidden around 2099-01-01 14:05",
        "logs web in hidden query '*'",
        "logs web in hidden query '*rror'",
        "logs web in hidden query 'e*'",
        "logs web in hidden query '/err.*/'",
        "logs web in hidden query 'AND AND'",
        "logs web in hidden follow since 1h",
        "logs web in hidden follow for 3h",
        "logs web in hidden level loud",
        "logs web in hidden limit many",
        "logs web in hidden trace x",
        "logs web in hidden from mars",
        "logs web in hidden from build 4711",
        "logs web in hidden from build 4711 since 10m",
        "logs web in hidden from pod level error",
        "logs web in hidden from pod since 10m for 1m",
        "logs web in hidden between 14:00 and 14:00",
        "logs web in hidden grep '---'",
        "logs web in hidden from pod pod nonesuch",
        "logs web in hidden from pod container nonesuch",
        "logs web in hidden from pod container 1_2",
        "logs web in hidden container web",
        "logs web in hidden compare",
        "logs web in hidden follow top",
        "logs nonesuch in hidden",
    ):
        tell.says(text, by="qa")


@scene
def test_kinds(tell: Telling) -> None:
    """What stands out: the most frequent kinds, before and after a change."""
    written(tell.stage, "all is well", level="INFO", ago=0, environment="dev")
    tell.says("logs web in dev top grep nonesuch", by="engineer")
    for number in range(5):
        written(tell.stage, f"payments took {number} ms", ago=40 + number, environment="dev")
    tell.says("logs web in dev top grep payments", by="engineer")
    tell.says("restart web in dev", by="engineer")
    written(tell.stage, "basket is empty", ago=0, environment="dev")
    tell.says("logs web in dev top", by="engineer")


@scene
def test_console_and_pods(tell: Telling) -> None:
    """From elsewhere than the log store."""
    tell.says("build web dev at r666", by="engineer")
    said = tell.says("logs web in dev from build 1 limit 5", by="engineer")
    tell.says("logs web in dev from build 1 grep ERROR limit 5", by="engineer")
    assert said.message
    tell.says("logs web in product from pod grep listening limit 3", by="engineer")
    tell.says("logs web in product from pod grep nonesuch", by="engineer")


@scene
def test_pipeline(tell: Telling) -> None:
    """Where lines are held up."""
    tell.says("pipeline", by="qa", until="Log pipeline")
