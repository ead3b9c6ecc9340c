"""Who may ask: basic authentication and API keys, and the 401 of everybody else."""

from __future__ import annotations

import base64
import binascii
from dataclasses import dataclass, field

from sandbox.elasticsearch.errors import ElasticError

CHALLENGES = ('Basic realm="security", charset="UTF-8"', 'Bearer realm="security"', "ApiKey")


@dataclass
class Credentials:
    """Passwords by user name, and API keys in their encoded form (base64 of `id:key`)."""

    users: dict[str, str] = field(default_factory=dict)
    api_keys: set[str] = field(default_factory=set)

    def accept(self, header: str) -> bool:
        """Does the Authorization header name somebody known?"""
        scheme, _, value = header.partition(" ")
        if scheme.lower() == "apikey":
            return value in self.api_keys
        user, password = _basic(scheme, value)
        return user in self.users and self.users[user] == password


def _basic(scheme: str, value: str) -> tuple[str, str]:
    if scheme.lower() != "basic":
        return "", ""
    try:
        user, _, password = base64.b64decode(value).decode().partition(":")
    except (binascii.Error, UnicodeDecodeError):
        return "", ""
    return user, password


def authenticate(credentials: Credentials | None, header: str | None, uri: str) -> None:
    """Raises 401 security_exception. Without `credentials` security is off."""
    if credentials is None or (header and credentials.accept(header)):
        return
    if header is None:
        reason = f"missing authentication credentials for REST request [{uri}]"
    elif header.lower().startswith("basic "):
        reason = f"unable to authenticate user [{_basic('basic', header[6:])[0]}] for REST request [{uri}]"
    else:
        reason = f"unable to authenticate with provided credentials for REST request [{uri}]"
    more = {"header": {"WWW-Authenticate": list(CHALLENGES)}}
    raise ElasticError(401, "security_exception", reason, **more)
