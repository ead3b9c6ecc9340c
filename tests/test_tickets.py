"""Tickets in commit messages."""

from __future__ import annotations

from bot.settings import Tickets
from bot.tickets import with_tickets

JIRA = Tickets(pattern=r"\b[A-Z]+-\d+\b", url="https://tickets.example/browse/{ticket}")
NUMBER = Tickets(pattern=r"#(\d+)", url="https://git.example/issues/{ticket}")


def test_a_ticket_becomes_a_link_and_everything_else_stays_inert() -> None:
    shown = with_tickets("SHOP-12: *fix* <!here> login, closes #7\n\nlong story", [JIRA, NUMBER])

    assert shown == (
        "<https://tickets.example/browse/SHOP-12|SHOP-12>: ∗fix∗ &lt;!here&gt; login, closes "
        "<https://git.example/issues/7|#7>"
    )


def test_the_earlier_pattern_wins_where_two_overlap() -> None:
    assert (
        with_tickets("AB-1", [JIRA, Tickets(pattern=r"\d", url="https://x.example/{ticket}")]).count("<") == 1
    )


def test_a_long_message_is_cut() -> None:
    assert len(with_tickets("x" * 1000, [])) == 200
