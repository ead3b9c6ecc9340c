"""What `detect-secrets` finds: the shapes of tokens that its makers keep up to date.

Its detectors that look for names beside values, for entropy and for addresses are left out: `shapes` does
the first better for logs, and the others would hide commit hashes and hosts. So are three whose patterns
take quadratic time on a hostile line (JWT, npm, OpenAI); `shapes` has those, too.
"""

from __future__ import annotations

from collections.abc import Iterator
from functools import cache

from detect_secrets.plugins.artifactory import ArtifactoryDetector
from detect_secrets.plugins.aws import AWSKeyDetector
from detect_secrets.plugins.azure_storage_key import AzureStorageKeyDetector
from detect_secrets.plugins.base import RegexBasedDetector
from detect_secrets.plugins.discord import DiscordBotTokenDetector
from detect_secrets.plugins.github_token import GitHubTokenDetector
from detect_secrets.plugins.gitlab_token import GitLabTokenDetector
from detect_secrets.plugins.mailchimp import MailchimpDetector
from detect_secrets.plugins.pypi_token import PypiTokenDetector
from detect_secrets.plugins.sendgrid import SendGridDetector
from detect_secrets.plugins.slack import SlackDetector
from detect_secrets.plugins.square_oauth import SquareOAuthDetector
from detect_secrets.plugins.stripe import StripeDetector
from detect_secrets.plugins.telegram_token import TelegramBotTokenDetector
from detect_secrets.plugins.twilio import TwilioKeyDetector

GATES: dict[type[RegexBasedDetector], tuple[str, ...]] = {
    ArtifactoryDetector: ("akc[a-z0-9]{10}", "ap[0-9a-f][a-z0-9]{8}"),
    AWSKeyDetector: ("a3t[a-z0-9]{9}", "(?:abia|acca|akia|asia)[a-z0-9]{8}", "aws"),
    AzureStorageKeyDetector: ("accountkey=",),
    DiscordBotTokenDetector: (r"\.[a-z0-9_-]{6}\.[a-z0-9_-]{9}",),
    GitHubTokenDetector: ("gh[pousr]_",),
    GitLabTokenDetector: ("gl[a-z]{2,5}-", "gr1348941"),
    MailchimpDetector: ("-us[0-9]",),
    PypiTokenDetector: ("pypi-",),
    SendGridDetector: (r"sg\.",),
    SlackDetector: ("xox",),
    SquareOAuthDetector: ("sq0csp-",),
    StripeDetector: ("k_live_",),
    TelegramBotTokenDetector: ("[0-9]{8}:[a-z0-9_-]{9}",),
    TwilioKeyDetector: ("(?:ac|sk)[a-z0-9]{9}",),
}
"""Detector -> patterns (RE2), one of which matches small letters wherever it can find something."""


@cache
def _made(kind: type[RegexBasedDetector]) -> RegexBasedDetector:
    return kind()


def found(kind: type[RegexBasedDetector], text: str, _low: str) -> Iterator[tuple[int, int]]:
    """Start and end of each token of this kind."""
    for value in set(_made(kind).analyze_string(text)):
        bare = value.strip(" \t\r\n=:\"'")
        at = text.find(bare) if bare else -1
        while at >= 0:
            yield at, at + len(bare)
            at = text.find(bare, at + len(bare))
