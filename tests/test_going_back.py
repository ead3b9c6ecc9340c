"""What the dialog before a rollback asks: within Slack's limit whatever the names are, and all of it if it fits."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from bot.faults import WayBack
from bot.going_back import ROOM, question
from bot.language import speaking

TAGS = st.text("abcdefghijklmnop0123456789.-_", min_size=1, max_size=128)
LINES = st.lists(st.text(min_size=1, max_size=120), max_size=12)


def test_it_tells_from_to_age_replicas_and_what_changed() -> None:
    back = WayBack("rollback …", "r2", "r1", 3 * 86_400, 6, ("memory limit 256Mi → 1Gi", "command a → b"))

    assert question("web/product", back) == (
        "web/product: from `r2` back to `r1` (3 d older). 6 replicas, as now. "
        "Configuration stays; changed since then: memory limit 256Mi → 1Gi; command a → b"
    )


def test_what_does_not_fit_is_left_out_and_said_to_be() -> None:
    many = tuple(f"added: environment variable NUMBER_{number}" for number in range(20))

    asked = question("web/product", WayBack("rollback …", "r2", "r1", 60, 1, many))

    assert asked.endswith("; …")
    assert len(asked) <= ROOM


@given(TAGS, TAGS, st.floats(0, 1e8), st.integers(0, 10_000), st.none() | LINES.map(tuple), st.booleans())
def test_it_always_fits(
    current: str, image: str, older: float, replicas: int, differs: tuple[str, ...] | None, chinese: bool
) -> None:
    back = WayBack("rollback …", current, image, older, replicas, differs)

    with speaking("zh" if chinese else "en"):
        assert len(question("web/product", back)) <= ROOM
