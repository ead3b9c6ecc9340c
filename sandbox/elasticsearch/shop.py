"""An hour of log history for the sample shop: what its projects wrote before the sandbox was started."""

from __future__ import annotations

import random
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Protocol

from sandbox.elasticsearch.logs import LogLine

ENVIRONMENTS = {"dev": 1, "trunk": 2, "hidden": 2, "product": 6}
"""How many lines a minute each project writes there."""


@dataclass(frozen=True)
class Line:
    at: float
    namespace: str
    pod: str
    container: str
    labels: dict[str, str]
    level: str
    message: str


@dataclass(frozen=True)
class Voice:
    """What a project's program says. `{n}` is a small number, `{ms}` a duration, `{id}` a request."""

    info: tuple[str, ...]
    warn: tuple[str, ...]
    error: tuple[str, ...]


_JAVA_TRACE = """java.lang.IllegalStateException: order {n} has no address
\tat com.shop.checkout.AddressService.require(AddressService.java:84)
\tat com.shop.checkout.CheckoutController.submit(CheckoutController.java:131)
\tat jakarta.servlet.http.HttpServlet.service(HttpServlet.java:658)
Caused by: java.lang.NullPointerException: Cannot invoke "Address.city()" because "address" is null
\tat com.shop.checkout.AddressService.require(AddressService.java:82)
\t... 41 more"""
_PYTHON_TRACE = """Traceback (most recent call last):
  File "/srv/api/app/views.py", line 118, in get_order
    order = orders.fetch(order_id, timeout=2)
  File "/srv/api/app/orders.py", line 57, in fetch
    raise UpstreamTimeout(order_id)
app.errors.UpstreamTimeout: order {n}: no answer from pay within 2 s"""

VOICES = {
    "web": Voice(
        (
            "GET /products/{n} 200 {ms}ms id={id}",
            "GET /cart 200 {ms}ms id={id}",
            "GET /static/app.js 304 1ms",
        ),
        ("slow response: GET /search {ms}0ms id={id}", "GET /old-promo 404 2ms id={id}"),
        ("upstream timed out (110: Connection timed out) while connecting to api, id={id}",),
    ),
    "api": Voice(
        (
            "order {n} read in {ms}ms id={id}",
            "session renewed for customer {n}",
            "GET /v2/stock/{n} 200 {ms}ms",
        ),
        ("retrying pay, attempt 2 of 3, id={id}", "connection pool at 18 of 20"),
        (_PYTHON_TRACE, "stock of article {n} could not be read: connection refused"),
    ),
    "shop": Voice(
        ("order {n} placed, {ms} EUR", "basket {n} saved", "Scheduled job priceRefresh finished in {ms} ms"),
        ("payment of order {n} is still pending after 30 s", "cache miss ratio 0.{ms}"),
        (_JAVA_TRACE, "order {n} could not be placed: pay answered 502"),
    ),
    "pay": Voice(
        ("payment {n} authorised in {ms}ms id={id}", "settlement batch of {n} payments sent"),
        ("acquirer answered slowly: {ms}0ms id={id}",),
        ("payment {n} declined by acquirer: code 05 id={id}", "signature of callback {id} does not match"),
    ),
}


class Writer(Protocol):
    """Something that takes log lines, such as the server."""

    def write_log(self, line: LogLine) -> None: ...


def seed(server: Writer, now: float, minutes: int = 60) -> int:
    """Write the history that ends at `now` (epoch seconds), oldest first; returns how many lines.

    The same moment and length give the same lines.
    """
    count = 0
    for line in sorted(history(now, minutes), key=lambda line: line.at):
        server.write_log(line)
        count += 1
    return count


def history(now: float, minutes: int = 60) -> Iterator[Line]:
    chance = random.Random(20_26)
    for project, voice in VOICES.items():
        for namespace, rate in ENVIRONMENTS.items():
            pods = [_pod_name(project, chance) for _ in range(3)]
            for _ in range(rate * minutes):
                at = now - chance.random() * minutes * 60
                level = chance.choices(("info", "warn", "error"), (90, 7, 3))[0]
                message = say(chance.choice(getattr(voice, level)), chance)
                pod = chance.choice(pods)
                yield Line(at, namespace, pod, project, {"app": project}, level, message)


def _pod_name(project: str, chance: random.Random) -> str:
    letters = "bcdfghjklmnpqrstvwxz2456789"
    tail = ["".join(chance.choices(letters, k=length)) for length in (9, 5)]
    return "-".join((project, *tail))


def say(template: str, chance: random.Random) -> str:
    number, millis, request = chance.randint(1000, 9999), chance.randint(3, 480), chance.getrandbits(32)
    return template.replace("{n}", str(number)).replace("{ms}", str(millis)).replace("{id}", f"{request:08x}")
