"""The API server of a cluster: addresses, credentials, transport, and what its refusals mean.

The official client is used for configuration, TLS and connections; paths are those of the REST API, and
answers stay the JSON that was sent.
"""

from __future__ import annotations

import copy
import json
import re
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any
from urllib.parse import quote

import urllib3
from kubernetes import client, config
from kubernetes.client.exceptions import ApiException

from bot.faults import Failed, Forbidden, Refused, Unavailable
from bot.language import N_, _
from bot.retrying import again_when_reading

Object = Mapping[str, Any]
"""An object of the API as JSON."""
Operations = list[dict[str, Any]]
"""A JSON patch (RFC 6902)."""

WORKLOADS = {"Deployment": "deployments", "StatefulSet": "statefulsets", "DaemonSet": "daemonsets"}
GROUPS = {
    **dict.fromkeys((*WORKLOADS.values(), "replicasets", "controllerrevisions"), "/apis/apps/v1"),
    "horizontalpodautoscalers": "/apis/autoscaling/v2",
}
"""Resource -> where its group is; all others are in the core group."""
UNANSWERED = N_("did not answer in time")
AWAY = N_("cannot be reached")

MAY_NOT = {
    "GET": N_("{who} may not read {what} in {system} (403)."),
    "PATCH": N_("{who} may not change {what} in {system} (403)."),
}
ASK_FOR = N_(
    "An administrator of the cluster can allow it; `kubectl auth can-i {right}` says whether they have."
)
NOT_AS = N_("{system} does not let Shipmate act in the name of {who} (403).")
ADD_THEM = N_("An administrator of the cluster can add them to deploy/kubernetes/impersonation.yaml.")
RULED_OUT = N_("A rule of {system}, {rule}, does not allow this change of {what} (403).")
NOT_TAKEN = N_("{system} did not accept the change to {what} ({status}).")


class Overtaken(Exception):
    """A test of a JSON patch failed: the object is not what it was when it was read."""


@dataclass(frozen=True)
class Where:
    """An object, or with an empty name all of a kind in a namespace; without namespace in the cluster."""

    resource: str
    namespace: str = ""
    name: str = ""
    subresource: str = ""
    shown: str = ""
    """As messages call it: "Deployment trunk/web"."""

    @property
    def path(self) -> str:
        inside = ("namespaces", self.namespace) if self.namespace else ()
        parts = (*inside, self.resource, self.name, self.subresource)
        group = GROUPS.get(self.resource, "/api/v1")
        return "/".join((group, *(quote(part, safe="") for part in parts if part)))

    def right(self, method: str, user: str) -> str:
        """What a call needs, as `kubectl auth can-i` is asked; `user`: in whose name, empty: one's own."""
        verb = "patch" if method == "PATCH" else "get" if self.name else "list"
        flags = {"--subresource": self.subresource, "--namespace": self.namespace, "--as": user}
        return " ".join((verb, self.resource, *(f"{flag}={value}" for flag, value in flags.items() if value)))


class Api:
    """`timeout` in seconds for each call; `connection` is what `connect` returns."""

    def __init__(self, name: str, connection: client.ApiClient, timeout: float = 10) -> None:
        self.system = f"Kubernetes ({name})"
        self._connection = connection
        self._timeout = timeout
        self._user = ""

    def acting_as(self, user: str) -> Api:
        """The same connections in the name of `user`, whose rights then count."""
        other = copy.copy(self)
        other._connection = copy.copy(self._connection)
        # Header values are bytes that Go reads as UTF-8; the standard library sends them as Latin-1.
        header = {"Impersonate-User": user.encode().decode("latin-1")}
        other._connection.default_headers = {**self._connection.default_headers, **header}
        other._user = user
        return other

    @again_when_reading
    def get(self, where: Where, **query: str) -> dict[str, Any]:
        answer: dict[str, Any] = json.loads(self.text(where, **query))
        return answer

    def items(self, where: Where, **query: str) -> list[Object]:
        listed: list[Object] = self.get(where, **query)["items"]
        return listed

    def text(self, where: Where, **query: str) -> str:
        return self.raw(where, **query).decode("utf-8", "replace")

    def raw(self, where: Where, **query: str) -> bytes:
        return bytes(self._call("GET", where, query).data)

    def patch(self, where: Where, operations: Operations) -> dict[str, Any]:
        """The object as it is then. Raises Overtaken when one of the operations' tests fails."""
        answer: dict[str, Any] = json.loads(
            self._call("PATCH", where, {"fieldManager": "shipmate"}, operations).data
        )
        return answer

    def stream(self, where: Where, seconds: float, silence: float, **query: str) -> urllib3.BaseHTTPResponse:
        """An answer that goes on for `seconds`; reading it raises when nothing comes for `silence` seconds.

        Raises ApiException with the HTTP status, and urllib3's errors.
        """
        asked = {**query, "watch": "1", "allowWatchBookmarks": "true", "timeoutSeconds": f"{seconds:.0f}"}
        return self._send("GET", where, asked, None, (min(5.0, silence), silence))

    def listed(self, where: Where, **query: str) -> dict[str, Any]:
        """As `get`, with the errors of `stream`."""
        answer: dict[str, Any] = json.loads(self._send("GET", where, query, None, self._timeout).data)
        return answer

    def _call(
        self, method: str, where: Where, query: Mapping[str, str], body: Operations | None = None
    ) -> urllib3.BaseHTTPResponse:
        try:
            response = self._send(method, where, query, body, self._timeout)
            _body = response.data  # an answer that breaks off does so here
            return response
        except ApiException as error:
            if error.status == 422 and not _invalid(error.body):
                raise Overtaken from None
            raise self._meaning(where, method, error.status, error.body or "") from None
        except urllib3.exceptions.NewConnectionError:  # a kind of TimeoutError, though it was refused at once
            raise Unavailable(self.system, _(AWAY)) from None
        except urllib3.exceptions.TimeoutError:
            raise Unavailable(self.system, _(UNANSWERED)) from None
        except urllib3.exceptions.HTTPError:
            raise Unavailable(self.system, _(AWAY)) from None

    def _send(
        self,
        method: str,
        where: Where,
        query: Mapping[str, str],
        body: Operations | None,
        timeout: float | tuple[float, float],
    ) -> urllib3.BaseHTTPResponse:
        headers = {"Accept": "application/json"}
        if body is not None:
            headers["Content-Type"] = "application/json-patch+json"
        request = self._connection.param_serialize(
            method, where.path, query_params=list(query.items()), header_params=headers, body=body,
            auth_settings=["BearerToken"],
        )  # fmt: skip
        answer = self._connection.call_api(*request, _request_timeout=timeout)
        response: urllib3.BaseHTTPResponse = answer.response
        if not 200 <= response.status <= 299:
            error = ApiException(status=response.status)
            error.headers, error.body = response.headers, response.data.decode("utf-8", "replace")
            raise error
        return response

    def _meaning(self, where: Where, method: str, status: int | None, body: str) -> Exception:
        """Never the body: the message of a 422 holds the whole object, environment values included."""
        match status:
            case 401:
                return Failed(_("{system} does not accept Shipmate's credentials (401).", system=self.system))
            case 403:
                return self._forbidden(where, method, body)
            case 404:
                none = _("{system} has no {what}.", system=self.system, what=where.shown)
                return Refused(none, _("Is the place right in shipmate.yaml?"))
            case 409 if method == "PATCH":
                return Unavailable(self.system, _("is changing the same object (409)"))
            case 400 | 405 | 409 | 415 | 422:
                return Failed(_(NOT_TAKEN, system=self.system, what=where.shown, status=status))
        return Unavailable(self.system, _("answered {status}", status=status) if status else _(AWAY))

    def _forbidden(self, where: Where, method: str, body: str) -> Forbidden:
        """Of the body only the name of an admission webhook or policy, which is the administrators' own."""
        names = {"who": self._user or "Shipmate", "what": where.shown, "system": self.system}
        if "cannot impersonate" in body:
            return Forbidden(_(NOT_AS, **names), _(ADD_THEM))
        rule = re.search(r"(?:admission webhook|ValidatingAdmissionPolicy) [\\\"']+([\w.-]+)", body)
        if rule:
            return Forbidden(_(RULED_OUT, rule=rule[1], **names))
        return Forbidden(_(MAY_NOT[method], **names), _(ASK_FOR, right=where.right(method, self._user)))


def _invalid(body: str | None) -> bool:
    """Whether a 422 names fields that are wrong; a JSON patch whose test failed is refused without."""
    try:
        return bool(json.loads(body or "{}").get("details", {}).get("causes"))
    except (ValueError, AttributeError):
        return True


def connect(
    server: str = "",
    token: str = "",
    ca: str | None = None,
    kubeconfig: str | None = None,
    context: str | None = None,
) -> client.ApiClient:
    """A connection by address and token, else by kubeconfig, else by the pod's own service account.

    Raises Refused when none of them can be read.
    """
    settings = client.Configuration()
    try:
        if server:
            settings.host = server
            settings.api_key = {"authorization": f"Bearer {token}"}  # not said: a header
            settings.ssl_ca_cert = ca
        elif kubeconfig:
            config.load_kube_config(kubeconfig, context, settings)
        else:
            config.load_incluster_config(settings)
    except config.ConfigException as error:
        raise Refused(_("The cluster's configuration cannot be read: {why}", why=error)) from None
    settings.retries = False  # a call is repeated by the operation, which knows what it may repeat
    settings.connection_pool_maxsize = 16
    connection = client.ApiClient(settings)
    connection.user_agent = "shipmate"  # what the cluster's audit log shows
    return connection
