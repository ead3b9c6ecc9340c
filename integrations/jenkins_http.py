"""The HTTP side of Jenkins: one call at a time, and its errors as ours."""

from __future__ import annotations

import json
import logging
import time
from collections.abc import Callable
from email.utils import parsedate_to_datetime
from typing import Any

import requests
from jenkins import Jenkins as Client
from jenkins import JenkinsException, NotFoundException, TimeoutException

from bot.faults import Failed, Refused, Unavailable
from bot.language import N_, _
from bot.retrying import again_when_reading

log = logging.getLogger(__name__)

CLOCKS_APART = 30.0
"""Seconds by which Jenkins' clock may differ from ours, where it does not say what it shows."""


class JenkinsHttp:
    """Methods raise Unavailable, Refused and Failed. `client`: for calls that have no method here, within `call`."""

    def __init__(
        self, name: str, url: str, user: str | None, token: str | None, timeout: float, ca: str | None = None
    ) -> None:
        self._name = name
        self.url = url.rstrip("/") + "/"
        self.client = Client(self.url, user, token, timeout=timeout)
        if ca:
            self.client._session.verify = ca  # python-jenkins has no other way

    def ahead(self) -> float:
        """At least so many seconds Jenkins' clock is ahead of ours, by the Date of an answer, cut to seconds."""
        request = requests.Request("GET", f"{self.url}api/json", params={"tree": "mode"})
        response = self.call(_("its clock"), lambda: self.client.jenkins_request(request, add_crumb=False))
        try:
            theirs = parsedate_to_datetime(response.headers.get("Date", ""))
        except ValueError:
            return -CLOCKS_APART
        return theirs.timestamp() - time.time()

    @again_when_reading
    def get(self, path: str, tree: str = "") -> dict[str, Any]:
        text = self.call(
            path.removesuffix("/api/json"), lambda: self.open(path, {"tree": tree} if tree else {})
        )
        try:
            answer: dict[str, Any] = json.loads(text)
        except ValueError:
            raise Unavailable("Jenkins", _("answered with something that is not JSON")) from None
        return answer

    def post(self, path: str) -> None:
        """404 is as good as done: what was to be ended is gone."""
        request = requests.Request("POST", self.url + path)
        try:
            self.call(path, lambda: self.client.jenkins_open(request))
        except Refused:
            log.info("%s: nothing to end at %s", self._name, path)

    def open(self, path: str, parameters: dict[str, str] | None = None) -> str:
        request = requests.Request("GET", self.url + path, params=parameters or {})
        text: str = self.client.jenkins_open(request, add_crumb=False)
        return text

    def call(self, what: str, do: Callable[[], Any]) -> Any:
        """Run one call and turn the client's errors into ours. python-jenkins hides the HTTP status."""
        try:
            return do()
        except (NotFoundException, requests.HTTPError, JenkinsException) as error:
            raise self._meaning(what, _status(error)) from None
        except requests.Timeout:
            raise Unavailable("Jenkins", _("did not answer in time")) from None
        except requests.RequestException:
            raise Unavailable("Jenkins", _("cannot be reached")) from None

    def _meaning(self, what: str, status: int | None) -> Exception:
        match status:
            case 401:
                return Failed(
                    _(
                        "Jenkins ({name}) does not accept Shipmate's credentials (401). "
                        "Operations: check `user` and `token` in shipmate.yaml.",
                        name=self._name,
                    )
                )
            case 403:
                return Failed(_("Shipmate's Jenkins user has no permission for {what} (403).", what=what))
            case 404:
                return Refused(
                    _("Jenkins ({name}) has no {what}.", name=self._name, what=what),
                    _("Is its name right in shipmate.yaml?"),
                )
            case 400 | 409:
                refused = N_("Jenkins did not accept the request for {what} ({status}).")
                return Failed(_(refused, what=what, status=status))
            case None:
                return Unavailable("Jenkins", _("did not answer in time"))
            case _:
                return Unavailable("Jenkins", _("answered {status}", status=status))


def _status(error: BaseException) -> int | None:
    """The HTTP status behind an error of python-jenkins; None for a timeout."""
    if isinstance(error, TimeoutException):
        return None
    if isinstance(error, NotFoundException):
        return 404
    source = error if isinstance(error, requests.HTTPError) else error.__context__
    response = getattr(source, "response", None)
    return int(response.status_code) if response is not None else 502
