"""What Slack makes of typed text."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from sandbox.slack import SlackServer
from tests.sandbox.slack_shop import running_shop


@pytest.fixture(scope="module")
def shop() -> Iterator[SlackServer]:
    with running_shop() as server:
        yield server


@pytest.mark.parametrize(
    ("typed", "sent"),
    [
        ("deploy web to trunk", "deploy web to trunk"),
        ("logs grep a<b && c>d", "logs grep a&lt;b &amp;&amp; c&gt;d"),
        ("@shipmate deploy web", "<@U0SHIPMATE> deploy web"),
        ("@Shipmate, hello", "<@U0SHIPMATE>, hello"),
        ("@nobody hello", "@nobody hello"),
        ("ask @release or @here", "ask <!subteam^S0RELEASE> or <!here>"),
        ("see #deploys and #nothing", "see <#C0DEPLOYS|deploys> and #nothing"),
        ("restart web.com", "restart <http://web.com|web.com>"),
        ("see web.com/a?b=1.", "see <http://web.com/a?b=1|web.com/a?b=1>."),
        ("https://shop.example/a?b=1&c=2!", "<https://shop.example/a?b=1&amp;c=2>!"),
        ("mail ops@shop.com", "mail <mailto:ops@shop.com|ops@shop.com>"),
        ("tag web/web:dev-41 r1841 1.2.3", "tag web/web:dev-41 r1841 1.2.3"),
        ("`@shipmate web.com <b>`", "`@shipmate web.com &lt;b&gt;`"),
        ("```a\n@shipmate``` @qa", "```a\n@shipmate``` <@U0QA>"),
        ("“deploy” — web", "“deploy” — web"),
    ],
)
def test_typed_text_as_events_carry_it(shop: SlackServer, typed: str, sent: str) -> None:
    assert shop.slack.typed(typed) == sent
