"""JSON over HTTPS for systems that have no client library worth its weight: errors become ours.

Nothing of an answer's body gets into a message, and no address either.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import requests
from requests.auth import AuthBase

from bot.faults import Failed, Refused, Unavailable

Login = tuple[str, str]
"""User and password."""


class Missing(Exception):
    """There is no such thing (404): what that means is the caller's to say."""


class Rest:
    """`system` as people call it; `section` of `shipmate.yaml` that they would mend. `timeout` in seconds."""

    def __init__(
        self, system: str, section: str, url: str, login: Login | None, ca: str | None, timeout: float
    ) -> None:
        self._system, self._section = system, section
        self._url = url.rstrip("/")
        self._timeout = timeout
        self.session = requests.Session()
        self.session.trust_env = False  # no proxy and no .netrc of whoever started the process
        self.session.auth = login
        if ca:
            self.session.verify = ca

    def send(
        self,
        path: str,
        query: Mapping[str, str] | None = None,
        headers: Mapping[str, str] | None = None,
        method: str = "GET",
    ) -> requests.Response:
        """`path` from the root, or a whole address. Raises Missing, Unavailable, Refused and Failed."""
        response = self.attempt(path, query, headers, method)
        self.must_be_well(response)
        return response

    def attempt(
        self,
        path: str,
        query: Mapping[str, str] | None = None,
        headers: Mapping[str, str] | None = None,
        method: str = "GET",
        auth: AuthBase | None = None,
    ) -> requests.Response:
        """Like `send`, whatever the status is. `auth`: instead of the login."""
        url = self._url + path if path.startswith("/") else path
        try:
            return self.session.request(
                method,
                url,
                params=query,
                headers=headers,
                auth=auth,
                timeout=self._timeout,
                allow_redirects=False,
            )
        except requests.exceptions.SSLError:
            raise Failed(
                f"The certificate of {self._system} cannot be checked. "
                f"Operations: is `ca` of {self._section} in shipmate.yaml right?"
            ) from None
        except requests.Timeout:
            raise Unavailable(self._system, f"did not answer within {self._timeout:.0f} s") from None
        except requests.RequestException:
            raise Unavailable(self._system, "cannot be reached") from None

    def must_be_well(self, response: requests.Response) -> None:
        match response.status_code:
            case status if 200 <= status < 300:
                return
            case 401:
                raise Failed(
                    f"{self._system} does not accept Shipmate's credentials (401). "
                    f"Operations: check {self._section} in shipmate.yaml."
                )
            case 403:
                raise Failed(f"Shipmate's account has no permission for that in {self._system} (403).")
            case 404:
                raise Missing
            case status if status == 429 or status >= 500:
                raise Unavailable(self._system, f"answered {status}")
            case status:
                raise Refused(
                    f"{self._system} answered {status}.",
                    f"Operations: is the address of {self._section} in shipmate.yaml right?",
                )

    def json(self, response: requests.Response) -> Any:
        try:
            return response.json()
        except ValueError:
            raise Unavailable(self._system, "answered with something that is not JSON") from None
