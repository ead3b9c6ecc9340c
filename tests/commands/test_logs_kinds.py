"""logs top and compare: kinds of errors, and what a deployment brought."""

from __future__ import annotations

from sandbox.chat import Chat
from sandbox.stage import Stage
from tests.commands.logs_support import excerpt, written


def test_the_most_frequent_kinds_of_errors(chat: Chat, stage: Stage) -> None:
    for number in range(5):
        written(stage, f"zebra {number} could not be fed: no hay", ago=20 + number)
    for number in range(2):
        written(stage, f"giraffe cannot reach leaf {number} token=s3cr3t{number}abc", ago=20 + number)
    written(stage, "all is well", level="INFO")

    said = chat.says("logs web in hidden top since 2m pod web-1", by="qa")

    assert said.message.text == (
        "web/hidden: 2 kinds of errors in 2 min, mostly `zebra … could not be fed: no hay` (5×)"
    )
    assert "*2×* giraffe cannot reach leaf" in said.shown
    assert "first seen " in said.shown
    assert "s3cr3t" not in said.text
    assert "1 value hidden." in said.shown
    assert "all is well" not in said.text


def test_kinds_are_told_apart_by_whether_they_are_new(chat: Chat, stage: Stage) -> None:
    written(stage, "zebra has no hay", ago=86_400, environment="dev")
    chat.ends(chat.says("deploy web to dev at r1839", by="engineer"))
    written(stage, "zebra has no hay", ago=0, environment="dev")
    written(stage, "lion has no zebra", ago=0, environment="dev")

    said = chat.says("logs web in dev top grep zebra", by="qa")

    assert "1 new since deploy `" in said.message.text
    assert ":new: *1×* lion has no zebra" in said.shown
    assert ":new: *1×* zebra" not in said.shown


def test_before_and_after_a_deployment(chat: Chat, stage: Stage) -> None:
    for _ in range(3):
        written(stage, "zebra has no hay", ago=0.01, environment="dev")
    deployed = chat.ends(chat.says("deploy web to dev at r1839", by="engineer"))
    written(stage, "lion has no zebra", ago=0, environment="dev")

    said = chat.says("logs web in dev compare grep zebra", by="qa")

    assert "web/dev: 3 error lines in the 15 min before deploy `" in said.message.text
    head, *rows = excerpt(said)
    assert head.split() == ["before", "after"]
    assert rows == ["     0      1  new: lion has no zebra", "     3      0  not yet: zebra has no hay"]
    assert "`deploy web to dev at r1839` reached the pods at " in said.shown
    assert deployed.text


KINDS = ("antelope", "baboon", "camel", "dromedary", "elephant", "flamingo", "gorilla", "hippo", "ibis", "jaguar",
         "koala", "lemur")  # fmt: skip


def test_a_rare_new_kind_comes_before_many_that_are_known(chat: Chat, stage: Stage) -> None:
    for kind in KINDS * 2:
        written(stage, f"zoo {kind} {kind}fever password=s3cr3t{kind}", ago=0.01, environment="dev")
    chat.ends(chat.says("deploy web to dev at r1839", by="engineer"))
    written(stage, "zoo zebra stripes missing", ago=0, environment="dev")

    compared = chat.says("logs web in dev compare grep zoo", by="qa")
    top = chat.says("logs web in dev top grep zoo", by="qa")

    assert "web/dev: 24 error lines in the 15 min before deploy `" in compared.message.text
    assert ", 1 in the " in compared.message.text
    _, first, *others = excerpt(compared)
    assert first == "     0      1  new: zoo zebra stripes missing"
    assert len(others) == 7
    assert "7 values hidden." in compared.shown
    assert "Not shown: 5 more kinds." in compared.shown
    assert "13 kinds of errors" in top.message.text
    assert "fever password=‹hidden›` (2×); 1 new since deploy `" in top.message.text
    assert top.shown.index(":new: *1×* zoo zebra stripes missing") < top.shown.index("*2×* zoo")
    assert "Not shown: 5 more kinds." in top.shown


def test_where_the_log_store_tells_no_more_kinds_apart_it_says_so(chat: Chat, stage: Stage) -> None:
    for first in "bcdfghjklmn":
        for second in "bcdfghjklm":
            written(stage, f"zoo {first}{second}{first} {second}{first}{second}")

    said = chat.says("logs web in hidden top grep zoo", by="qa")

    assert "web/hidden: at least 100 kinds of errors" in said.message.text
    assert "Not shown: at least 92 more kinds." in said.shown


def test_without_a_deployment_there_is_nothing_to_compare(chat: Chat) -> None:
    said = chat.says("logs shop in hidden compare", by="qa")

    assert "I know of no change of shop/hidden." in said.text
