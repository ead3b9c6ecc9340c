"""JSON over HTTPS for systems that have no client library worth its weight: errors become ours.

Nothing of an answer's body gets into a message, and no address either.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, TypeVar

import requests
from pydantic import TypeAdapter, ValidationError
from requests.auth import AuthBase

from bot.faults import Failed, Refused, Unavailable
from bot.language import _

Shape = TypeVar("Shape")

Login = tuple[str, str]
"""User and password."""


class Missing(Exception):
    """There is no such thing (404): what that means is the caller's to say."""


class Rest:
    """`system` as people call it, in English; `section` of `shipmate.yaml` that they would mend; `timeout` in
    seconds."""

    def __init__(
        self, system: str, section: str, url: str, login: Login | None, ca: str | None, timeout: float
    ) -> None:
        self._name, self._section = system, section
        self._url = url.rstrip("/")
        self._timeout = timeout
        self.session = requests.Session()
        self.session.trust_env = False  # no proxy and no .netrc of whoever started the process
        self.session.auth = login
        if ca:
            self.session.verify = ca

    @property
    def _system(self) -> str:
        return _(self._name)

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
                _(
                    "{system}: its certificate cannot be checked. "
                    "Operations: is `ca` of {section} in shipmate.yaml right?",
                    system=self._system,
                    section=self._section,
                )
            ) from None
        except requests.Timeout:
            raise Unavailable(
                self._system, _("did not answer within {n} s", n=round(self._timeout))
            ) from None
        except requests.RequestException:
            raise Unavailable(self._system, _("cannot be reached")) from None

    def must_be_well(self, response: requests.Response) -> None:
        match response.status_code:
            case status if 200 <= status < 300:
                return
            case 401:
                raise Failed(
                    _(
                        "{system} does not accept Shipmate's credentials (401). "
                        "Operations: check {section} in shipmate.yaml.",
                        system=self._system,
                        section=self._section,
                    )
                )
            case 403:
                raise Failed(
                    _("{system} does not let Shipmate's account do that (403).", system=self._system)
                )
            case 404:
                raise Missing
            case status if status == 429 or status >= 500:
                raise Unavailable(self._system, _("answered {status}", status=status))
            case status:
                raise Refused(
                    _("{system} answered {status}.", system=self._system, status=status),
                    _(
                        "Operations: is the address of {section} in shipmate.yaml right?",
                        section=self._section,
                    ),
                )

    def json(self, response: requests.Response) -> Any:
        try:
            return response.json()
        except ValueError:
            raise Unavailable(self._system, _("answered with something that is not JSON")) from None

    def read(self, response: requests.Response, shape: TypeAdapter[Shape]) -> Shape:
        """The answer's JSON as what it should be. Raises Unavailable for anything else."""
        try:
            return shape.validate_python(self.json(response))
        except ValidationError:
            raise Unavailable(self._system, _("answered with something else than was asked for")) from None
