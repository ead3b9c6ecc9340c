"""A server that plays recorded answers: lists, watch streams as they arrived, and ways in which they break."""

from __future__ import annotations

import json
import socket
import threading
from collections import defaultdict
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any, Literal
from urllib.parse import parse_qs, urlsplit

from tests.sandbox.kubernetes_support import raw


@dataclass(frozen=True)
class Played:
    """One answer. `pieces` are sent one after the other, as chunks.

    `then`: "end" closes the answer as a server does, "cut" breaks the connection off, "hang" stays silent.
    """

    pieces: tuple[bytes, ...]
    status: int = 200
    headers: dict[str, str] = field(default_factory=dict)
    then: Literal["end", "cut", "hang"] = "end"
    after: threading.Event | None = None
    """Nothing is answered before this."""


HANGS = Played((), then="hang")


@dataclass(frozen=True)
class Asked:
    method: str
    path: str
    query: dict[str, str]
    body: Any
    headers: dict[str, str]


class Player(ThreadingHTTPServer):
    """Answers by "METHOD path", a watch by "WATCH path", each in the order given; the last one repeats."""

    daemon_threads = True

    def __init__(self) -> None:
        super().__init__(("127.0.0.1", 0), _Handler)
        self.answers: defaultdict[str, list[Played]] = defaultdict(list)
        self.asked: list[Asked] = []
        self.over = threading.Event()
        self.lock = threading.Lock()

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.server_address[1]}"

    def add(self, key: str, *answers: Played) -> None:
        self.answers[key].extend(answers)

    def next(self, asked: Asked) -> Played:
        kind = "WATCH" if asked.query.get("watch") else asked.method
        with self.lock:
            self.asked.append(asked)
            left = self.answers[f"{kind} {asked.path}"]
            if not left:
                return HANGS if kind == "WATCH" else Played((b"{}",), 404)
            return left.pop(0) if len(left) > 1 else left[0]

    def times(self, method: str, path: str = "", **query: str) -> int:
        """How often it was asked for."""
        return sum(
            asked.method == method and path in asked.path and query.items() <= asked.query.items()
            for asked in list(self.asked)
        )


class _Handler(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"
    server: Player

    def log_message(self, *_arguments: object) -> None:
        """Quiet."""

    def do_GET(self) -> None:
        self._play()

    def do_PATCH(self) -> None:
        self._play()

    def _play(self) -> None:
        parts = urlsplit(self.path)
        body = self.rfile.read(int(self.headers.get("Content-Length") or 0))
        query = {name: values[0] for name, values in parse_qs(parts.query).items()}
        read = json.loads(body) if body else None
        played = self.server.next(Asked(self.command, parts.path, query, read, dict(self.headers)))
        if played.after is not None:
            played.after.wait(30)
        if played.then == "cut" and not played.pieces:
            self._cut()
            return
        self.send_response(played.status)
        for name, value in ({"Content-Type": "application/json"} | played.headers).items():
            self.send_header(name, value)
        self.send_header("Transfer-Encoding", "chunked")
        self.end_headers()
        for piece in played.pieces:
            self.wfile.write(b"%x\r\n%s\r\n" % (len(piece), piece))
        if played.then == "end":
            self.wfile.write(b"0\r\n\r\n")
        elif played.then == "cut":
            self._cut()
        else:
            self.server.over.wait(30)
            self._cut()

    def _cut(self) -> None:
        self.close_connection = True
        self.connection.shutdown(socket.SHUT_RDWR)


@contextmanager
def playing() -> Iterator[Player]:
    server = Player()
    thread = threading.Thread(target=server.serve_forever, args=(0.02,), daemon=True)
    thread.start()
    try:
        yield server
    finally:
        server.over.set()
        server.shutdown()
        server.server_close()


def one(name: str, status: int = 200, **headers: str) -> Played:
    """A recorded body, as it is."""
    return Played((raw(name),), status, headers)


def stream(name: str, then: Literal["end", "cut", "hang"] = "hang", size: int = 0) -> Played:
    """A recorded watch; by lines as they came, or in pieces of `size` bytes whatever the lines are."""
    text = raw(name)
    pieces = [text[at : at + size] for at in range(0, len(text), size)] if size else text.splitlines(True)
    return Played(tuple(pieces), then=then)


def listed(*items: Any, version: str = "1") -> Played:
    """The list of some objects, as of `version`."""
    body = {"metadata": {"resourceVersion": version}, "items": list(items)}
    return Played((json.dumps(body).encode(),))
