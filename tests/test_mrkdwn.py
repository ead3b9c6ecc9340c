"""Text that cannot act in a message, whatever somebody writes into it."""

from __future__ import annotations

import re

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.mrkdwn import JOINER, code_block, escape, inert, link

# What Slack's servers and clients act on, in text as it is sent.
ACTS = re.compile(
    r"[<>]|&(?!(?:amp|lt|gt);)"  # control sequences; a bare ampersand
    r"|[@#](?=[^\W\d])"  # mentions and channels that a client may still look for
    r"|(?:https?|ftp)://|mailto:(?!\u2060)|\bwww\."
    r"|`|(?:^|(?<=\W))[*_~](?=\S)|^\s*&gt;"  # code, bold, italic, strike, quote
    r"|(?:^|(?<=[^A-Za-z0-9:])):[a-z0-9_+-]+:",  # emoji
    re.MULTILINE,
)


@pytest.mark.parametrize(
    ("text", "shown"),
    [
        ("@channel", f"@{JOINER}channel"),
        ("<!here> <@U0OPS>", f"&lt;!here&gt; &lt;@{JOINER}U0OPS&gt;"),
        ("<https://evil.example|your bank>", f"&lt;https:{JOINER}//evil.example|your bank&gt;"),
        ("www.evil.example mailto:a@b", f"www{JOINER}.evil.example mailto:{JOINER}a@{JOINER}b"),
        ("#general and issue #42", f"#{JOINER}general and issue #42"),
        ("*bold* _it_ ~no~ `x`", "∗bold∗ ˍitˍ ∼no∼ ˋxˋ"),
        ("```\nrm -rf /\n```", "ˋˋˋ\nrm -rf /\nˋˋˋ"),
        ("> quoted\n  > again", "› quoted\n  › again"),
        (":white_check_mark: done", f":{JOINER}white_check_mark: done"),
        ("\u202eevil\x1b[0m", "evil[0m"),
    ],
)
def test_nothing_acts(text: str, shown: str) -> None:
    assert inert(text) == shown


@pytest.mark.parametrize(
    "text",
    [
        "deploy web to trunk",
        "harbor.shop.example/web/web:r1841-7",
        "snake_case_name and 2*3*4",
        "12:30:45 done",
        "java.lang.IllegalStateException: order 4711 has no address",
        "zweiundvierzig Äpfel, 4 €",
    ],
)
def test_ordinary_text_stays_as_it_is(text: str) -> None:
    assert inert(text) == text
    assert code_block([text]) == f"```\n{text}\n```"


def test_escaping_is_exactly_what_slack_asks_for() -> None:
    assert escape("a < b && c > d") == "a &lt; b &amp;&amp; c &gt; d"


MARKUP = st.lists(
    st.sampled_from(
        ["*", "_", "~", "`", "```", "<", ">", "&", "@", "#", "!", "|", ":", "//", "\n", " ", "here"]
    )
    | st.sampled_from(["channel", "http", "www.", "mailto:", "x", ":tada:", "\u2060", "\x00", "&lt;"])
    | st.text(max_size=3)
).map("".join)


@given(MARKUP)
def test_no_text_acts(text: str) -> None:
    found = ACTS.search(inert(text))
    assert found is None, found


@given(st.lists(MARKUP))
def test_no_line_breaks_out_of_a_code_block(lines: list[str]) -> None:
    block = code_block(lines)
    inside = block.removeprefix("```\n").removesuffix("\n```")
    assert "```" not in inside
    assert not re.search(r"[<>]|@(?:channel|here|everyone)\b", inside)


def test_a_code_block_can_still_be_copied() -> None:
    line = "curl -u me@example.org *.txt `date` https://x.example #general"
    assert code_block([line]) == f"```\n{line}\n```"


def test_a_link_shows_text_and_ends_where_it_should() -> None:
    made = link("https://jenkins.example/job/a|b>c/?x=1&y=2", "build *#7*")
    assert made == "<https://jenkins.example/job/a%7Cb&gt;c/?x=1&amp;y=2|build ∗#7∗>"


@pytest.mark.parametrize("piece", ["`", "*a", "_", ":a", "@", "> ", "<", "\n>", "www", "http://"])
@pytest.mark.timeout(10)
def test_a_megabyte_takes_no_time(piece: str) -> None:
    text = piece * (1_000_000 // len(piece))
    assert len(inert(text)) >= 900_000
    assert len(code_block([text])) >= 900_000
