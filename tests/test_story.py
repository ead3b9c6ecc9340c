"""What a story does when a step has had its time."""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterator
from dataclasses import dataclass
from threading import Event

import pytest
from redis import Redis

from bot.faults import Failed, NeedsPerson, Unavailable
from bot.ledger import Ledger
from bot.ports import Seen, Tell, Topic
from bot.story import Story
from tests.ledger_support import memory, running

BUILD = Topic("jenkins", "main", "building", ("web-build", "42"))
OVER = -1.0
"""Seconds within which something must be there that had its time already."""


@pytest.fixture(scope="module")
def redis(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Redis]:
    with memory(tmp_path_factory.mktemp("story")) as redis:
        yield redis


@pytest.fixture
def story(redis: Redis) -> Story:
    redis.flushdb()
    ledger = Ledger(redis)
    operation = running(ledger)
    lease = ledger.lease(operation.id)
    assert lease is not None
    return Story(operation, lease, ledger, patience=0)


@dataclass
class Glance:
    """A system that can only be looked at."""

    seen: Seen | Unavailable

    def look(self, topic: Topic) -> Seen:
        assert topic == BUILD
        if isinstance(self.seen, Unavailable):
            raise self.seen
        return self.seen

    def watch(self, topics: Callable[[], Collection[Topic]], tell: Tell, stop: Event) -> None:
        raise NotImplementedError


def test_what_is_not_done_in_its_time_is_told_with_what_was_seen_last(story: Story) -> None:
    slow = Glance(Seen(done=False, progress="build #42 is running", excerpt=("compiling",)))

    with pytest.raises(Failed) as end:
        story.until("build finished", slow, BUILD, within=OVER)

    assert end.value.reason == "It did not come to an end within 1 min. Last seen: build #42 is running."
    assert end.value.excerpt == ("compiling",)


def test_what_was_done_in_the_last_moment_counts(story: Story) -> None:
    """Though nobody told of it: at its end the story looks for itself."""
    done = Glance(Seen(done=True, value={"number": 42}))

    assert story.until("build finished", done, BUILD, within=OVER) == {"number": 42}


def test_a_system_that_is_silent_at_the_end_is_a_question_and_no_failure(story: Story) -> None:
    silent = Glance(Unavailable("Jenkins", "cannot be reached"))

    with pytest.raises(NeedsPerson, match="Jenkins cannot be reached"):
        story.until("build finished", silent, BUILD, within=OVER)
