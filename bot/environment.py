"""What the processes take from environment variables; everything else stands in `shipmate.yaml`."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from urllib.parse import unquote, urlsplit

LEVELS = ("DEBUG", "INFO", "WARNING", "ERROR")
SLACK_API = "https://slack.com/api/"
REDIS = "redis://127.0.0.1:6379/0"


@dataclass(frozen=True)
class Environment:
    """`docs/configuration.md` lists the variables. Tokens are kept out of repr and so out of logs."""

    config: Path
    redis_url: str = field(repr=False)
    slack_bot_token: str = field(repr=False)
    slack_app_token: str = field(repr=False)
    slack_signing_secret: str = field(repr=False)
    slack_api_url: str
    host: str
    port: int
    log_level: str
    variables: Mapping[str, str] = field(repr=False)

    @classmethod
    def read(cls, variables: Mapping[str, str]) -> Environment:
        """Raises ValueError with one line that names the variable."""
        port = variables.get("PORT", "8080")
        if not port.isdecimal() or not 0 < int(port) < 65_536:
            raise ValueError(f"PORT must be a number from 1 to 65535, not {port!r}.")
        slack = variables.get("SLACK_API_URL", SLACK_API)
        level = variables.get("LOG_LEVEL", "INFO").upper()
        if level not in LEVELS:
            raise ValueError(f"LOG_LEVEL must be one of {', '.join(LEVELS)}, not {level!r}.")
        return cls(
            config=Path(variables.get("SHIPMATE_CONFIG", "shipmate.yaml")),
            redis_url=_address(
                "REDIS_URL", variables.get("REDIS_URL", REDIS), REDIS, "redis", "rediss", "unix"
            ),
            slack_bot_token=variables.get("SLACK_BOT_TOKEN", ""),
            slack_app_token=variables.get("SLACK_APP_TOKEN", ""),
            slack_signing_secret=variables.get("SLACK_SIGNING_SECRET", ""),
            slack_api_url=_address("SLACK_API_URL", slack, SLACK_API, "https", "http").rstrip("/") + "/",
            host=variables.get("HOST", "127.0.0.1"),
            port=int(port),
            log_level=level,
            variables=variables,
        )

    def secrets(self) -> tuple[str, ...]:
        """What it holds that nobody may see; some may be empty."""
        tokens = (self.slack_bot_token, self.slack_app_token, self.slack_signing_secret)
        return (*tokens, unquote(urlsplit(self.redis_url).password or ""))

    def needs(self, *names: str) -> str:
        """One line that names the variables among `names` that are missing; empty when none is."""
        missing = [name for name in names if not self.variables.get(name)]
        return f"Set {' and '.join(missing)} in the environment first." if missing else ""


def _address(name: str, url: str, example: str, *schemes: str) -> str:
    """Raises ValueError without the address itself, which may hold a password."""
    try:
        parts = urlsplit(url)
        complete = bool(parts.hostname or (parts.scheme == "unix" and parts.path)) and parts.port != 0
    except ValueError:  # a port that is none
        complete = False
    if not complete or parts.scheme not in schemes:
        raise ValueError(f"{name} must be an address such as {example}.")
    return url
