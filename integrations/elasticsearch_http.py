"""One Elasticsearch over HTTP: requests out, answers or one of our faults back.

Connections, credentials and raw errors stay in here. Version 9 of the server speaks version 8's API as well,
which version 8 does not do for 9: so 8 is what is spoken, whichever the client's own version.
"""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from contextlib import suppress
from typing import TYPE_CHECKING, Any, NoReturn
from urllib.parse import quote, urlsplit

from bot.faults import Refused, Unavailable
from bot.language import N_, _
from integrations import elasticsearch_query as bodies

if TYPE_CHECKING:
    from elasticsearch import Elasticsearch as Client

Json = dict[str, Any]

_MEDIA = "application/vnd.elasticsearch+json; compatible-with=8"  # not said: a header
_LINES = "application/vnd.elasticsearch+x-ndjson; compatible-with=8"  # not said: a header
_PORTS = {"http": 80, "https": 443}


TOO_LARGE = "answer_too_large"  # not said: the type of an error, of integrations/elasticsearch_node.py


class TooLarge(Unavailable):
    """An answer that was not read to its end; ask for less."""


class Connection:
    """`timeout` in seconds for one call. Raises Refused for an address that is none."""

    def __init__(
        self,
        name: str,
        urls: Sequence[str],
        api_key: str | None,
        basic_auth: tuple[str, str] | None,
        ca: str | None,
        timeout: float,
    ) -> None:
        from elasticsearch import Elasticsearch as Client  # 0.3 s, which only those who search should pay

        from integrations.elasticsearch_node import BoundedNode

        self.name = f"Elasticsearch ({name})"
        self._timeout = timeout
        trust: dict[str, Any] = {"ca_certs": ca} if ca else {}
        self._client: Client = Client(
            [_with_port(name, url) for url in urls],
            api_key=api_key,
            basic_auth=basic_auth,
            request_timeout=timeout,
            node_class=BoundedNode,
            max_retries=1,
            retry_on_timeout=False,
            **trust,
        )

    def search(self, index: str, body: Json) -> Json:
        """Search `index`. Raises Refused (no such index, not allowed, fields do not fit) or Unavailable."""
        return self._checked(self.ask("POST", f"/{_path(index)}/_search", body, index), index)

    def search_all(self, searches: Sequence[tuple[str, Json]]) -> list[Json | Refused]:
        """Several searches in one round trip, each with its index; in place of an answer why there is none.

        Raises Unavailable when one of them could be answered another time.
        """
        answer = self.ask("POST", "/_msearch", bodies.several(searches), searches[0][0] if searches else "")
        return [
            self._part(part, index) for part, (index, _) in zip(answer["responses"], searches, strict=True)
        ]

    def _part(self, part: Json, index: str) -> Json | Refused:
        try:
            if "error" in part:
                self._explain(part.get("status", 500), part, index, None)
            return self._checked(part, index)
        except Refused as refusal:
            return refusal

    def ask(self, method: str, path: str, body: Json | list[Json], index: str) -> Json:
        """Any request about `index`, which a refusal names.

        Raises TooLarge for an answer that is longer than a worker should read.
        """
        from elasticsearch import ApiError, TransportError

        headers = {"accept": _MEDIA, "content-type": _LINES if isinstance(body, list) else _MEDIA}
        try:
            answer = self._client.perform_request(method, path, headers=headers, body=body)
        except ApiError as error:
            self._explain(error.meta.status, error.body, index, error)
        except TransportError as error:
            raise Unavailable(self.name, _transport(error, self._timeout)) from error
        found = answer.body
        if not isinstance(found, dict):
            raise Unavailable(self.name, _("answered something that is not a search result"))
        return found

    def open_point(self, index: str) -> str:
        """A point in time: what is searched in it stays as it is now. Returns its id."""
        return str(self.ask("POST", f"/{_path(index)}/_pit?keep_alive=1m", bodies.OPEN_POINT, index)["id"])

    def close_point(self, point: str) -> None:
        with suppress(Refused, Unavailable):  # it ends by itself in a minute
            self.ask("DELETE", "/_pit", bodies.close_point(point), "")

    def _checked(self, found: Json, index: str) -> Json:
        if "hits" not in found:
            raise Unavailable(self.name, _("answered something that is not a search result"))
        if found["_shards"]["total"] == 0:  # a pattern that matches nothing is no error to Elasticsearch
            raise self._no_index(index)
        return found

    def _no_index(self, index: str) -> Refused:
        hint = _("Nothing was ever logged there, or the index has another name in shipmate.yaml.")
        return Refused(_("{system} has no log index {index}.", system=self.name, index=index), hint)

    def _explain(self, status: int, answer: Any, index: str, cause: Exception | None) -> NoReturn:
        kind = _kind(answer)
        if kind == TOO_LARGE:
            raise TooLarge(self.name, _("answered with more than can be shown")) from cause
        if kind in ("index_not_found_exception", "index_closed_exception"):
            raise self._no_index(index) from cause
        if status == 401:
            hint = _("Operations can give it a valid API key or user in shipmate.yaml.")
            refusal = _("{system} does not accept the credentials that I have for it.", system=self.name)
            raise Refused(refusal, hint) from cause
        if status == 403:
            hint = _("Operations can give its API key or user the privilege `read` on it.")
            refusal = _("{system} does not let me read {index}.", system=self.name, index=index)
            raise Refused(refusal, hint) from cause
        if status == 400:
            raise _cannot(self.name, index, kind or str(status), answer) from cause
        reason = (
            _(_STATUS[status]) if status in _STATUS else _("answered with status {status}", status=status)
        )
        raise Unavailable(self.name, reason) from cause


_STATUS = {
    200: N_("is not what answers at its address"),
    429: N_("is overloaded and asked to try again later"),
    503: N_("cannot search at the moment: no shard answered"),
}


def _cannot(name: str, index: str, kind: str, answer: Any) -> Refused:
    """A request that the server does not take, and what a person can do about it."""
    words = str(answer)
    if "Failed to parse query" in words or "Cannot parse" in words:
        return Refused(
            _("That is no query in Lucene's syntax."), _('For example `level:error AND "order 4711"`.')
        )
    if "categorize_text" in words:
        hint = _("Operations can switch its machine learning on (`xpack.ml.enabled`); it needs no licence.")
        return Refused(_("{system} cannot tell kinds of lines apart.", system=name), hint)
    hint = _("Operations can check the log fields and filters in shipmate.yaml against the index.")
    words = _("{system} cannot search {index} this way ({kind}).", system=name, index=index, kind=kind)
    return Refused(words, hint)


def partial(answer: Mapping[str, Any]) -> str | None:
    """Which part of the cluster did not answer a search, if any."""
    shards = answer["_shards"]
    if shards["failed"]:
        failed, total = shards["failed"], shards["total"]
        return _("{failed} of {total} shards did not answer", failed=failed, total=total)
    return _("the search ran out of time") if answer["timed_out"] else None


def _path(index: str) -> str:
    return quote(index, safe=",*")


def _kind(answer: Any) -> str:
    """The type of an Elasticsearch error; of a search that failed on every shard, the type of its cause."""
    error = answer.get("error") if isinstance(answer, dict) else None
    if not isinstance(error, dict):
        return ""
    roots = error.get("root_cause") or [error]
    return re.sub(r"[^a-z_]", "", str(roots[0].get("type", "")))


def _transport(error: Exception, timeout: float) -> str:
    """In plain words, and without the address or anything else the error carries."""
    from elasticsearch import ConnectionTimeout, SerializationError, SSLError

    if isinstance(error, ConnectionTimeout):
        return _("did not answer within {seconds} s", seconds=f"{timeout:g}")
    if isinstance(error, SSLError):
        return _("showed a certificate that is not trusted")
    if isinstance(error, SerializationError):
        return _("answered something that is not JSON")
    return _("cannot be reached")


def _with_port(name: str, url: str) -> str:
    """The client insists on a port; an address without one means its scheme's."""
    try:
        parts = urlsplit(url)
        port = parts.port or _PORTS[parts.scheme]
    except (KeyError, ValueError):
        hint = _("Operations can correct its urls in shipmate.yaml: https://host:9200.")
        raise Refused(_("An address of Elasticsearch ({name}) is not a URL.", name=name), hint) from None
    if parts.port:
        return url
    return parts._replace(netloc=f"{parts.netloc.rstrip(':')}:{port}").geturl()
