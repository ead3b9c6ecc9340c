"""The adapter against a real socket: what it asks for and what it finds."""

from __future__ import annotations

import ssl
from datetime import UTC, datetime, timedelta
from threading import Event
from typing import Any

import pytest

from bot.faults import Unavailable
from bot.ports import Seen, Topic
from bot.severity import SEVERITIES, at_least
from sandbox.kubernetes import schema
from tests.integrations.elasticsearch_client import AT, adapter, found, query
from tests.sandbox.elasticsearch_support import NOW, TIMEOUT, Line, Running, running


def test_the_newest_lines_come_oldest_first(es: Running) -> None:
    es.write(*(Line(f"line {n}", at=AT - 100 + n) for n in range(10)))
    page = adapter(es).search(query(limit=3))
    assert [line.message for line in page.lines] == ["line 7", "line 8", "line 9"]
    assert (page.total, page.total_is_exact, page.partial) == (10, True, None)
    assert page.lines[-1].at == datetime.fromtimestamp(AT - 91, UTC)
    assert (page.lines[-1].level, page.lines[-1].pod) == ("INFO", "web-6d4f9c7b8-x2x1z")


def test_lines_of_one_millisecond_stay_in_order(es: Running) -> None:
    trace = ["Exception: a", "  at b", "  at c", "Caused by: d"]
    es.write(*(Line(text) for text in trace))
    assert found(es) == trace


def test_only_the_time_that_was_asked_for(es: Running) -> None:
    es.write(*(Line(f"minute {n}", at=AT - 60 * n) for n in range(90)))
    since, until = NOW - timedelta(minutes=12), NOW - timedelta(minutes=10)
    assert found(es, since=since, until=until) == ["minute 12", "minute 11"]


def test_a_level_means_that_or_worse_however_it_is_written(es: Running) -> None:
    levels = ["debug", "INFO", "Warn", "WARNING", "error", "ERROR", "Error", "FATAL", "crit", "emerg"]
    es.write(*(Line(level, level) for level in levels))
    assert found(es, level="error") == levels[4:]
    assert found(es, level="WARN") == levels[2:]


def test_a_level_of_a_programs_own_means_itself() -> None:
    assert at_least("audit") == ["audit", "AUDIT", "Audit"]
    assert len(at_least("trace")) == 3 * sum(map(len, SEVERITIES))


def test_text_is_a_phrase_of_whole_words(es: Running) -> None:
    es.write(Line(TIMEOUT), Line("order 4711 placed"), Line("4711 order"))
    assert found(es, text="order 4711") == [TIMEOUT, "order 4711 placed"]
    assert found(es, text="SocketTimeout") == []
    assert found(es, text="PLACED") == ["order 4711 placed"]


def test_filters_are_exact(es: Running) -> None:
    es.write(Line("a", pod="web-1"), Line("b", pod="web-2"))
    es.call(es.server.add, "logs-web-trunk", {"@timestamp": "2026-03-14T11:59:00Z", "message": "other shape"})
    assert found(es, filters=(("kubernetes.pod.name", "web-2"), ("stream", "stdout"))) == ["b"]


@pytest.mark.parametrize("fields", ["logstash", "rsyslog"])
def test_other_shippers_name_their_fields_otherwise(es: Running, fields: str) -> None:
    level = {"logstash": "level", "rsyslog": "severity"}[fields]
    for severity in ("info", "ERROR"):
        line = {
            "@timestamp": "2026-03-14T11:59:00Z",
            level: severity,
            "host": "web-1",
            "message": "disk full",
        }
        es.call(es.server.add, "syslog-2026.03", line)
    page = adapter(es, fields=fields).search(query(index="syslog-*", level="error"))
    assert [(line.level, line.pod, line.message) for line in page.lines] == [("ERROR", "web-1", "disk full")]


def test_a_large_total_is_a_lower_bound(es: Running) -> None:
    es.write(*(Line("hit", at=AT - n / 100) for n in range(10_050)))
    page = adapter(es).search(query())
    assert (len(page.lines), page.total, page.total_is_exact) == (50, 10_000, False)


def test_the_newest_line_of_an_index(es: Running) -> None:
    es.write(Line("old", at=AT - 9), Line("new", at=AT - 5))
    es.call(es.server.cluster.create, "logs-web-dev")
    newest = adapter(es).newest(["logs-web-trunk", "logs-web-dev", "logs-web-moon"])
    assert newest == {"logs-web-trunk": NOW - timedelta(seconds=5), "logs-web-dev": None}


def test_a_pattern_and_a_list_mean_several_data_streams(es: Running) -> None:
    es.write(
        Line("of trunk", at=AT - 3),
        Line("of product", at=AT - 2, namespace="product"),
        Line("of shop", at=AT - 1, labels={"app": "shop"}),
    )

    assert found(es, index="logs-web-*") == ["of trunk", "of product"]
    assert found(es, index="logs-web-trunk,logs-shop-trunk") == ["of trunk", "of shop"]
    assert adapter(es).newest(["logs-web-*"]) == {"logs-web-*": NOW - timedelta(seconds=2)}


def test_the_link_shows_the_same_query(es: Running) -> None:
    store = adapter(es, kibana="https://kibana.shop.example/s/ops/")
    link = store.link(query(text="order 4711"), "logs-*")
    assert link.startswith(
        "https://kibana.shop.example/s/ops/app/discover#/?_g=(time:(from:'2026-03-14T11:00:00.000Z'"
    )
    assert adapter(es).link(query(), "logs-*") == ""


def test_a_long_read_sees_one_moment_and_every_line_once(es: Running) -> None:
    es.write(*(Line(f"line {n}", at=AT - 3000 + n // 3) for n in range(3_500)))

    page = adapter(es).search(query(since=NOW - timedelta(hours=2), limit=3_000))

    assert [line.message for line in page.lines] == [f"line {n}" for n in range(500, 3_500)]
    assert es.server.cluster.points == {}
    pages = [body for body in es.server.searches if "pit" in body]
    assert [len(body.get("search_after", ())) for body in pages] == [0, 2, 2, 2]


def test_what_came_before_and_how_many_are_errors(es: Running) -> None:
    es.write(*(Line("bad", "ERROR", at=AT - 90 * 60) for _ in range(2)))
    es.write(*(Line("bad", "FATAL", at=AT - 60) for _ in range(3)), Line("good", at=AT - 60))

    page = adapter(es).search(query(until=NOW))
    grave = adapter(es).search(query(until=NOW, level="error"))

    assert (page.total, page.errors, page.errors_before) == (4, 3, 2)
    assert (grave.total, grave.errors, grave.errors_before) == (3, 3, 2)
    assert page.newest == NOW - timedelta(seconds=60)


def test_kinds_of_lines_with_those_before_a_moment(es: Running) -> None:
    es.write(*(Line(f"order {n} failed", "ERROR", at=AT - 60 * n) for n in range(1, 5)))

    kinds = adapter(es).signatures(query(), 5, NOW - timedelta(seconds=90))
    (kind,) = kinds.all
    first = adapter(es).first_seen(query(), [kind.text, "never said"])

    assert (kind.text, kind.count, kind.early) == ("order failed", 4, 3)
    assert (kinds.total, kinds.early, kinds.cut) == (4, 3, False)
    assert kind.example.message == "order 1 failed"
    assert kind.first == NOW - timedelta(seconds=240)
    assert first == [NOW - timedelta(seconds=240), None]


def test_all_lines_are_counted_although_not_all_kinds_are_told(es: Running) -> None:
    es.write(*(Line(f"{animal} has no hay", "ERROR", at=AT - 60) for animal in ("zebra", "lion") * 2))
    es.write(Line("disk full", "ERROR", at=AT - 30))

    kinds = adapter(es).signatures(query(), 1, NOW - timedelta(seconds=45))

    assert (len(kinds.all), kinds.cut) == (1, True)
    assert (kinds.total, kinds.early) == (5, 4)


def test_single_fields_may_be_named_otherwise(es: Running) -> None:
    line = {"@timestamp": "2026-03-14T11:59:00Z", "sev": "error", "k8s_pod": "web-9", "message": "disk full"}
    es.call(es.server.add, "own-2026", line)

    page = adapter(es, names={"level": ["severity", "sev"], "pod": ["k8s_pod"]}).search(
        query(index="own-*", level="error", pod="web-9")
    )

    assert [(line.level, line.pod) for line in page.lines] == [("error", "web-9")]


class AtOnce(Event):
    """Does not wait."""

    def wait(self, timeout: float | None = None) -> bool:  # noqa: ARG002  # as Event has it
        return self.is_set()


def test_what_is_followed_is_asked_for_at_once(es: Running) -> None:
    store = adapter(es)
    one, other = (store.growing(query(text=text)) for text in ("zebra", "lion"))
    es.write(Line("zebra 1"))
    told: dict[str, list[Any]] = {str(one): [], str(other): []}
    stop = AtOnce()

    def tell(topic: Topic, seen: Seen) -> None:
        told[str(topic)].append(seen)
        if len(told[str(other)]) == 1:
            stop.set()

    store.watch(lambda: [one, other], tell, stop)

    assert told[str(one)][0].progress != told[str(other)][0].progress
    assert store.look(one) == told[str(one)][0]
    es.write(Line("zebra 2"))
    assert store.look(one).progress != told[str(one)][0].progress
    assert sum(call.path.startswith("/_msearch") for call in es.server.calls) == 3


@pytest.mark.parametrize("version", ["8", "9"])
def test_both_versions_of_the_server_are_spoken_to_in_what_both_speak(es: Running, version: str) -> None:
    """Version 8 refuses `compatible-with=9`; version 9 speaks 8 as well."""
    es.write(Line("a"))
    es.server.version = f"{version}.1.0"

    assert found(es) == ["a"]


def test_an_own_certificate_authority_is_believed_when_it_is_named() -> None:
    tls = ssl.create_default_context(ssl.Purpose.CLIENT_AUTH)
    tls.load_cert_chain(schema.DATA / "loopback.pem")

    with running(tls=tls) as es:
        es.write(Line("hello"))
        page = adapter(es, ca=str(schema.DATA / "loopback-ca.crt")).search(query())
        with pytest.raises(Unavailable) as refused:
            adapter(es).search(query())

    assert [line.message for line in page.lines] == ["hello"]
    assert "BEGIN CERTIFICATE" not in str(refused.value)


def test_pods_are_named_as_rsyslogs_mmkubernetes_names_them(es: Running) -> None:
    kubernetes = {"pod_name": "web-7f3", "namespace_name": "hidden", "container_name": "web"}
    line = {
        "@timestamp": "2026-03-14T11:59:00Z",
        "severity": "error",
        "host": "node-1",
        "message": "disk full",
        "kubernetes": kubernetes,
    }
    es.call(es.server.add, "syslog-2026.03", line)

    page = adapter(es, fields="rsyslog").search(query(index="syslog-*", pod="web-7f3"))

    assert [line.pod for line in page.lines] == ["web-7f3"]
