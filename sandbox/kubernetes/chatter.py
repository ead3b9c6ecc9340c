"""What the shop's applications print while they work: seeded by the caller, so that a run can be repeated."""

from __future__ import annotations

import random
from datetime import UTC, datetime

WARN_SHARE, ERROR_SHARE = 0.06, 0.02

_PATHS = (
    "/",
    "/product/4711",
    "/product/1088",
    "/search?q=kettle",
    "/cart",
    "/checkout",
    "/static/app.9f3c.js",
)
_AGENTS = (
    "Mozilla/5.0 (iPhone; CPU iPhone OS 19_1 like Mac OS X)",
    "Mozilla/5.0 (X11; Linux x86_64; rv:140.0) Gecko/20100101 Firefox/140.0",
    "Mozilla/5.0 (Windows NT 10.0; Win64; x64) AppleWebKit/537.36 Chrome/142.0.0.0",
)

_WORDS: dict[str, dict[str, tuple[str, ...]]] = {
    "web": {
        "WARN": ("upstream response time {ms}0 ms from api, serving a cached page for /product/{id}",),
        "ERROR": ("upstream timed out (110: Connection timed out) while reading response header from api",),
    },
    "api": {
        "INFO": (
            "GET /v2/products/{id} 200 {ms}ms",
            "POST /v2/carts/{id}/items 201 {ms}ms",
            "GET /v2/stock?sku={id} 200 {ms}ms",
        ),
        "WARN": ("slow query ({ms}0 ms): select * from stock where sku = {id}",),
        "ERROR": ("GET /v2/products/{id} 502: catalogue did not answer within 3000 ms",),
    },
    "shop": {
        "INFO": (
            "order {id} placed, 3 items",
            "order {id} handed to shipping",
            "voucher KETTLE10 redeemed on order {id}",
        ),
        "WARN": ("order {id}: stock reservation expires in 60 s",),
        "ERROR": ("order {id}: NullPointerException at com.shop.cart.Totals.apply(Totals.java:88)",),
    },
    "pay": {
        "INFO": ("payment {id} authorised in {ms} ms", "payment {id} captured", "refund {id} settled"),
        "WARN": ("payment {id}: acquirer answered after {ms}0 ms, retried once",),
        "ERROR": ("payment {id} declined: acquirer returned 91 (issuer unavailable)",),
    },
}
_ANY = {
    "INFO": ("handled request {id} in {ms} ms",),
    "WARN": ("request {id} took {ms}0 ms",),
    "ERROR": ("request {id} failed: connection reset by peer",),
}


def line(choose: random.Random, project: str) -> tuple[str, str]:
    """(level, line) that a container of `project` prints next."""
    roll = choose.random()
    level = "ERROR" if roll < ERROR_SHARE else "WARN" if roll < ERROR_SHARE + WARN_SHARE else "INFO"
    words = _WORDS.get(project, _ANY)
    if level not in words:
        return level, _access(choose)
    text = choose.choice(words[level]).format(id=choose.randint(10_000, 99_999), ms=choose.randint(4, 240))
    now = datetime.now(UTC)
    return level, f"{now:%Y-%m-%d %H:%M:%S},{now.microsecond // 1000:03d} {level:<5} [{project}] {text}"


def _access(choose: random.Random) -> str:
    """An nginx access line, combined format."""
    address = f"203.0.113.{choose.randint(1, 254)}"
    status = choose.choice((200, 200, 200, 200, 304, 302, 404))
    request = f'"GET {choose.choice(_PATHS)} HTTP/1.1" {status} {choose.randint(180, 48_000)}'
    visitor = f"{address} - - [{datetime.now(UTC):%d/%b/%Y:%H:%M:%S} +0000]"
    return f'{visitor} {request} "-" "{choose.choice(_AGENTS)}"'
