"""What people type -> the command it is, written canonically."""

import pytest

from bot.grammar import Parsed, write
from tests.grammar.sample import COMMANDS, grammar

GRAMMAR = grammar()

PLAIN = {
    "deploy web to trunk": "deploy web to trunk",
    "deploy web trunk": "deploy web to trunk",
    "deploy trunk web": "deploy web to trunk",
    "deploy to trunk web": "deploy web to trunk",
    "deploy web in trunk": "deploy web to trunk",
    "deploy web on trunk": "deploy web to trunk",
    "deploy web into trunk": "deploy web to trunk",
    "deploy web/trunk": "deploy web to trunk",
    "deploy web to web/trunk": "deploy web to trunk",
    "DEPLOY WEB TO TRUNK": "deploy web to trunk",
    "ship web to trunk": "deploy web to trunk",
    "release web to prod": "deploy web to product",
    "deploy web live": "deploy web to product",
    "deploy web to trunk to trunk": "deploy web to trunk",
    "deploy web web trunk": "deploy web to trunk",
    "deploy web to dev at r1841": "deploy web to dev at r1841",
    "deploy web at r1841 to dev": "deploy web to dev at r1841",
    "deploy at r1841 web dev": "deploy web to dev at r1841",
    "deploy web dev r1841": "deploy web to dev at r1841",
    "deploy web dev R1841": "deploy web to dev at r1841",
    "deploy web dev revision 1841": "deploy web to dev at r1841",
    "deploy web dev at 18417": "deploy web to dev at 18417",
    "deploy web dev at HEAD": "deploy web to dev at HEAD",
    "deploy web dev 3.2.0": "deploy web to dev at 3.2.0",
    "deploy web dev tag 3.2.0": "deploy web to dev at tag 3.2.0",
    "deploy web dev at tag 3.2.0": "deploy web to dev at tag 3.2.0",
    "deploy web dev at branch feature/x": "deploy web to dev at branch feature/x",
    "deploy web dev ref=feature/x": "deploy web to dev at feature/x",
    "deploy api dev at 1f9c2ab": "deploy api to dev at 1f9c2ab",
    "deploy web from trunk to hidden": "deploy web to hidden at trunk",
    "deploy web to hidden at trunk": "deploy web to hidden at trunk",
    "deploy web to trunk at trunk": "deploy web to trunk at trunk",
    'deploy web to dev at "to"': 'deploy web to dev at "to"',
    "deploy web dev --dry-run": "deploy web to dev --dry-run",
    "deploy --dry-run web dev": "deploy web to dev --dry-run",
    "deploy project=web environment=dev": "deploy web to dev",
    "deploy --project web --env=dev": "deploy web to dev",
    "rollback web in product": "rollback web in product",
    "roll back web in product": "rollback web in product",
    "revert web product": "rollback web in product",
    "rollback web from product": "rollback web in product",
    "rollback product web to 3.2.0": "rollback web in product to 3.2.0",
    "rollback web product v3.2.0": "rollback web in product to v3.2.0",
    "rollback web product to build-77_A": "rollback web in product to build-77_A",
    "rollback web in product to revision 12": "rollback web in product to revision 12",
    "rollback web in product to rev 012": "rollback web in product to revision 12",
    "rollback web product revision 12": "rollback web in product to revision 12",
    "scale web in product to 6": "scale web in product to 6",
    "scale web to 6 in product": "scale web in product to 6",
    "scale web product 6": "scale web in product to 6",
    "scale 6 web product": "scale web in product to 6",
    "scale web to product 6": "scale web in product to 6",
    "scale web in product to 0": "scale web in product to 0",
    "scale web in product count=10000": "scale web in product to 10000",
    "logs web in trunk": "logs web in trunk",
    "log web trunk": "logs web in trunk",
    "logs web in trunk since 15m": "logs web in trunk since 15m",
    "logs web in trunk since=15m": "logs web in trunk since 15m",
    "logs web in trunk --since 15m": "logs web in trunk since 15m",
    "logs web in trunk --since=15m": "logs web in trunk since 15m",
    "logs web in trunk -since 15m": "logs web in trunk since 15m",
    "logs --since=15m web trunk": "logs web in trunk since 15m",
    "logs web trunk 15m": "logs web in trunk since 15m",
    "logs web trunk since 15 min": "logs web in trunk since 15m",
    "logs web trunk since=15 min": "logs web in trunk since 15m",
    'logs web trunk since="15 min"': "logs web in trunk since 15m",
    "logs web trunk since 15 minutes ago": "logs web in trunk since 15m",
    "logs web trunk since 1h30m": "logs web in trunk since 90m",
    "logs web trunk since 1 hour 30 min ago": "logs web in trunk since 90m",
    "logs web trunk since 90s": "logs web in trunk since 90s",
    "logs web trunk since 60s": "logs web in trunk since 1m",
    "logs web trunk since 1 DAY": "logs web in trunk since 1d",
    "logs web trunk level error": "logs web in trunk level error",
    "logs web trunk errors": "logs web in trunk level error",
    "logs web trunk level WARNING": "logs web in trunk level warn",
    "logs web trunk limit 20": "logs web in trunk limit 20",
    "logs web trunk limit 50": "logs web in trunk",
    "logs web trunk error 15m 20": "logs web in trunk since 15m level error limit 20",
    "logs limit 20 level error since 15m trunk web": "logs web in trunk since 15m level error limit 20",
    "logs web trunk grep timeout": "logs web in trunk grep timeout",
    "logs web trunk grep Connection Refused": 'logs web in trunk grep "Connection Refused"',
    "logs web trunk grep connection refused limit 20": 'logs web in trunk grep "connection refused" limit 20',
    "logs web grep failed to connect in trunk": 'logs web in trunk grep "failed to connect"',
    'logs web trunk grep "limit 20" limit 30': 'logs web in trunk grep "limit 20" limit 30',
    "logs web trunk grep 'don't panic'": 'logs web in trunk grep "don\'t panic"',
    'logs web trunk grep="a b" limit 30': 'logs web in trunk grep "a b" limit 30',
    r'logs web trunk grep "say \"hi\" C:\\x \d+"': r'logs web in trunk grep "say \"hi\" C:\\x \\d+"',
    'logs web trunk "connection refused"': 'logs web in trunk grep "connection refused"',
    'logs web trunk grep "what now?"': 'logs web in trunk grep "what now?"',
    "logs web trunk grep status=500": 'logs web in trunk grep "status=500"',
    "logs web trunk grep out of limit limit 20": 'logs web in trunk grep "out of limit" limit 20',
    "status": "status",
    "status web": "status web",
    "status product": "status in product",
    "status in product": "status in product",
    "status product web": "status web in product",
    "lock web product": "lock web in product",
    "lock web product 2h because QA tests in trunk, until 3.2.0": (
        'lock web in product for 2h because "QA tests in trunk, until 3.2.0"'
    ),
    'lock web product because "a b"': 'lock web in product because "a b"',
    'lock web product because he said "go" twice': r'lock web in product because "he said \"go\" twice"',
    "cancel k7f3": "cancel k7f3",
    "cancel K7F3": "cancel k7f3",
    "help": "help",
    "help deploy": "help deploy",
    "help SHIP": "help deploy",
    "whoami": "whoami",
}

POLITE = {
    "please deploy web to trunk": "deploy web to trunk",
    "deploy web to trunk please": "deploy web to trunk",
    "deploy web please to trunk": "deploy web to trunk",
    "Could you please deploy web to trunk, thanks!": "deploy web to trunk",
    "Can you deploy web to trunk": "deploy web to trunk",
    "hey shipmate, pls deploy web to trunk. Thank you!": "deploy web to trunk",
    "deploy web, trunk": "deploy web to trunk",
    "logs web trunk grep timeout please": "logs web in trunk grep timeout",
    'logs web trunk grep "please"': 'logs web in trunk grep "please"',
}

PHONES_AND_SLACK = {
    "Deploy web to trunk.": "deploy web to trunk",
    "Deploy web to trunk!!": "deploy web to trunk",
    "Deploy web to trunk…": "deploy web to trunk",
    "Deploy web to trunk。": "deploy web to trunk",
    "Rollback web in product to 3.2.0.": "rollback web in product to 3.2.0",
    "rollback web in product to 3.2.0": "rollback web in product to 3.2.0",
    "  deploy   web\tto\ntrunk  ": "deploy web to trunk",
    "deploy\u00a0web\u202fto\u3000trunk": "deploy web to trunk",
    "deploy w\u200beb to \ufefftrunk\u2060": "deploy web to trunk",
    "deploy web to tr\u00adunk\x00\x1b": "deploy web to trunk",
    "\u202edeploy web to trunk": "deploy web to trunk",
    "ｄｅｐｌｏｙ　ｗｅｂ　ｔｏ　ｔｒｕｎｋ": "deploy web to trunk",
    "Ｓｃａｌｅ web product ６": "scale web in product to 6",
    "logs web trunk －－since＝１５ｍ": "logs web in trunk since 15m",
    "logs web trunk —since 15m": "logs web in trunk since 15m",
    "logs web trunk –since 15m": "logs web in trunk since 15m",
    "logs web trunk —since=15m": "logs web in trunk since 15m",
    "logs web trunk—since 15m": "logs web in trunk since 15m",
    "deploy web dev —dry-run": "deploy web to dev --dry-run",
    "deploy web dev —dry–run": "deploy web to dev --dry-run",
    "rollback web product to build‑77": "rollback web in product to build-77",
    "“Rollback web in product”.": "rollback web in product",
    '<@U0SHIPMATE> "deploy web to trunk"': "deploy web to trunk",
    "logs web trunk grep “connection refused”": 'logs web in trunk grep "connection refused"',
    "logs web trunk grep „no route“ limit 20": 'logs web in trunk grep "no route" limit 20',
    "logs web trunk grep «connection refused»": 'logs web in trunk grep "connection refused"',
    "logs web trunk grep ‘don’t panic’": 'logs web in trunk grep "don’t panic"',
    'logs web trunk grep "mixed”': "logs web in trunk grep mixed",
    "logs web trunk grep “done.”": 'logs web in trunk grep "done."',
    "logs web trunk grep “done”.": "logs web in trunk grep done",
    "logs web trunk grep “支付，失败”": 'logs web in trunk grep "支付，失败"',
    "logs web trunk grep 支付，失败": 'logs web in trunk grep "支付，失败"',
    "Deploy “web” to ‘trunk’.": "deploy web to trunk",
    "`deploy web to trunk`": "deploy web to trunk",
    "```deploy web to trunk```": "deploy web to trunk",
    "please `deploy web to trunk`, thanks": "deploy web to trunk",
    "deploy `web` to `trunk`": "deploy web to trunk",
    "<@U0SHIPMATE> deploy web to trunk": "deploy web to trunk",
    "<@U0SHIPMATE|shipmate>: deploy web to trunk": "deploy web to trunk",
    "Hi <@U0SHIPMATE>, deploy web to trunk": "deploy web to trunk",
    "@shipmate deploy web to trunk": "deploy web to trunk",
    "deploy <http://web|web> to trunk": "deploy web to trunk",
    "deploy api dev at <http://feature.com|feature.com>": "deploy api to dev at feature.com",
    "logs web trunk grep <https://x.com/a?b=1&amp;c=2>": 'logs web in trunk grep "https://x.com/a?b=1&c=2"',
    "logs web trunk grep <mailto:a@b.cn|a@b.cn>": 'logs web in trunk grep "a@b.cn"',
    'logs web trunk grep "a &amp; b &lt;c&gt;"': 'logs web in trunk grep "a & b <c>"',
    'logs web trunk grep "&amp;lt;"': 'logs web in trunk grep "&amp;lt;"',
}

LINES = {**PLAIN, **POLITE, **PHONES_AND_SLACK}


@pytest.mark.parametrize(("line", "command"), LINES.items())
def test_a_line_is_this_command(line: str, command: str) -> None:
    parsed = GRAMMAR.parse(line)

    assert isinstance(parsed, Parsed), parsed
    assert write(parsed.command) == command
    assert GRAMMAR.parse(command) == parsed


@pytest.mark.parametrize("example", [example for command in COMMANDS for example in command.examples])
def test_every_example_is_a_command(example: str) -> None:
    parsed = GRAMMAR.parse(example)

    assert isinstance(parsed, Parsed), parsed
    assert GRAMMAR.parse(write(parsed.command)) == parsed


def test_the_table_is_long() -> None:
    assert len(LINES) >= 120
