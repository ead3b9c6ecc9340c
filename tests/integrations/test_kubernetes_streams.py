"""Every recorded watch stream, byte for byte over a socket: whole, in pieces, and cut in mid-line.

All at once, each in a namespace of its own, as a reader pauses for a second between two streams.
"""

from __future__ import annotations

import threading
import time
from collections.abc import Callable, Iterator
from typing import Any

import pytest

from integrations.kubernetes_api import Api, connect
from integrations.kubernetes_watch import SILENCE_SECONDS, STREAM_SECONDS, Stream
from tests.integrations.player import HANGS, Asked, Played, Player, listed, playing, stream
from tests.sandbox.kubernetes_support import index, raw, recorded

PATHS = {
    name: str(entry["request"]["path"].partition("?")[0])
    for name, entry in index().items()
    if name.endswith(".ndjson")
}
STREAMS = sorted(PATHS)
CUTS = {"whole lines": 0, "pieces of 7 bytes": 7, "pieces of 4 KiB": 4096}
WITHIN = 20.0
Told = list[tuple[str, Any]]
"""(type, object) of everything that is told, as it comes."""


class Readers:
    """One reader for each recorded stream, of what `play` makes of it."""

    def __init__(self, player: Player, play: Callable[[str], Played], again: str) -> None:
        """`again`: the version of every list after the first, which is of version 17."""
        self._player = player
        self.stop = threading.Event()
        self.told: dict[str, Told] = {name: [] for name in STREAMS}
        api = Api("main", connect(server=player.url, token="t"))
        for name in STREAMS:
            path = self.path(name)
            player.add(f"GET {path}", listed(version="17"), listed(version=again))
            player.add(f"WATCH {path}", play(name), HANGS)
            resource = path.rpartition("/")[2]
            Stream(api, self._namespace(name), resource, self._tell, self.stop, SILENCE_SECONDS)

    def _tell(self, reader: Stream, kind: str, item: Any) -> None:
        self.told[STREAMS[int(reader.namespace[1:])]].append((kind, item))

    def path(self, name: str) -> str:
        return PATHS[name].replace("/shop/", f"/{self._namespace(name)}/")

    def _namespace(self, name: str) -> str:
        return f"n{STREAMS.index(name):02}"

    def watches(self, name: str) -> list[Asked]:
        """The first stream and the one after it, once that was asked for: then all of the first has been read."""
        deadline = time.monotonic() + WITHIN
        while True:
            every = list(self._player.asked)
            found = [asked for asked in every if asked.path == self.path(name) and asked.query.get("watch")]
            if len(found) > 1:
                return found
            assert time.monotonic() < deadline, f"the stream after {name}"
            time.sleep(0.005)  # other threads read; there is nothing to wait on


@pytest.fixture(scope="module", params=CUTS)
def ended(request: pytest.FixtureRequest) -> Iterator[Readers]:
    """Streams that the server ended."""
    with playing() as player:
        readers = Readers(player, lambda name: stream(name, "end", CUTS[request.param]), again="17")
        yield readers
        readers.stop.set()


@pytest.fixture(scope="module")
def cut() -> Iterator[Readers]:
    """Streams that broke off in the middle of their last line."""
    with playing() as player:
        readers = Readers(player, lambda name: Played((_cut_short(name),), then="cut"), again="99")
        yield readers
        readers.stop.set()


def _cut_short(name: str) -> bytes:
    whole = raw(name)
    return whole[: whole.rfind(b"\n", 0, len(whole) - 1) + 100]


def meant(events: list[Any]) -> Told:
    """What a reader is to make of them: bookmarks only move the version, an error ends the stream."""
    return [(e["type"], e["object"]) for e in events if e["type"] not in ("BOOKMARK", "ERROR")]


@pytest.mark.parametrize("name", STREAMS)
def test_a_recorded_stream_is_read_event_by_event_however_its_bytes_arrive(ended: Readers, name: str) -> None:
    first, second, *_ = ended.watches(name)

    last = recorded(name)[-1]
    assert ended.told[name] == meant(recorded(name))
    assert first.query["resourceVersion"] == "17"
    assert float(first.query["timeoutSeconds"]) == STREAM_SECONDS < SILENCE_SECONDS < 15
    goes_on = "17" if last["type"] == "ERROR" else last["object"]["metadata"]["resourceVersion"]
    assert second.query["resourceVersion"] == goes_on


@pytest.mark.parametrize("name", STREAMS)
def test_of_a_stream_that_is_cut_in_mid_line_the_whole_lines_are_told_and_a_list_follows(
    cut: Readers, name: str
) -> None:
    _, second, *_ = cut.watches(name)

    told = meant(recorded(name)[: _cut_short(name).count(b"\n")])
    assert cut.told[name][: len(told)] == told
    assert {kind for kind, _ in cut.told[name][len(told) :]} <= {"DELETED"}  # the list is empty
    assert second.query["resourceVersion"] == "99"


def test_the_recorded_streams_hold_each_kind_of_event() -> None:
    kinds = {event["type"] for name in STREAMS for event in recorded(name)}

    assert kinds == {"ADDED", "MODIFIED", "DELETED", "BOOKMARK", "ERROR"}
    assert [e["object"]["code"] for e in recorded("23-watch/410-gone.ndjson")] == [410]
