"""What runs in a cluster, as values: what differs between two revisions, without showing a value."""

from __future__ import annotations

from bot.workloads import Configuration, drift


def test_no_difference_is_nothing_to_tell() -> None:
    same = Configuration({"MODE": "f1"}, {"memory limit": "512Mi"}, "serve")

    assert drift(same, same) == []


def test_each_difference_is_one_line_and_variables_show_their_names_only() -> None:
    before = Configuration({"MODE": "f1", "OLD": "f2", "SAME": "f3"}, {"memory limit": "512Mi"}, "serve")
    after = Configuration({"MODE": "f9", "SAME": "f3", "A": "f4", "B": "f5"}, {"memory limit": "1Gi"}, "")

    assert drift(before, after) == [
        "added: environment variables A, B",
        "gone: environment variable OLD",
        "other value: environment variable MODE",
        "memory limit 512Mi → 1Gi",
        "command serve → of the image",
    ]


def test_a_limit_that_was_not_there_and_a_long_command_stay_readable() -> None:
    before = Configuration(resources={}, command="run " + "x" * 200)
    after = Configuration(resources={"cpu limit": "500m"}, command="run")

    limit, command = drift(before, after)

    assert limit == "cpu limit none → 500m"
    assert len(command) < 110
