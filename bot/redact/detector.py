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

HINTS: dict[type[RegexBasedDetector], tuple[str, ...]] = {
    ArtifactoryDetector: ("akc", "ap"),
    AWSKeyDetector: ("a3t", "abia", "acca", "akia", "asia", "aws"),
    AzureStorageKeyDetector: ("accountkey=",),
    DiscordBotTokenDetector: (".",),
    GitHubTokenDetector: ("ghp_", "gho_", "ghu_", "ghs_", "ghr_"),
    GitLabTokenDetector: ("gl", "gr1348941"),
    MailchimpDetector: ("-us",),
    PypiTokenDetector: ("pypi-",),
    SendGridDetector: ("sg.",),
    SlackDetector: ("xox",),
    SquareOAuthDetector: ("sq0csp-",),
    StripeDetector: ("k_live_",),
    TelegramBotTokenDetector: (":",),
    TwilioKeyDetector: ("ac", "sk"),
}
"""Detector -> what is in small letters in every line in which it can find something."""


@cache
def _detectors() -> tuple[tuple[tuple[str, ...], RegexBasedDetector], ...]:
    return tuple((hints, kind()) for kind, hints in HINTS.items())


def found(text: str, low: str) -> Iterator[tuple[int, int]]:
    """Start and end of each token; `low` is the text in small letters."""
    for hints, detector in _detectors():
        if any(hint in low for hint in hints):
            for value in set(detector.analyze_string(text)):
                bare = value.strip(" \t\r\n=:\"'")
                at = text.find(bare) if bare else -1
                while at >= 0:
                    yield at, at + len(bare)
                    at = text.find(bare, at + len(bare))
