"""Settings -> the adapters of the systems that Shipmate reaches, each imported and made at its first use."""

from __future__ import annotations

from collections.abc import Callable
from functools import partial
from typing import TYPE_CHECKING, Any

from bot.settings import Settings

if TYPE_CHECKING:
    from bot.settings.log_sections import Logstash, Prometheus
    from bot.settings.systems import Registry


def makers(settings: Settings) -> dict[str, Callable[[str], Any]]:
    """Kind of system -> what makes the adapter of one, by its name in `shipmate.yaml`."""
    kinds = {
        "jenkins": _jenkins,
        "kubernetes": _kubernetes,
        "elasticsearch": _elasticsearch,
        "registry": _registry,
        "prometheus": _prometheus,
        "logstash": _logstash,
    }
    return {kind: partial(make, settings) for kind, make in kinds.items()}


def _jenkins(settings: Settings, name: str) -> Any:
    from integrations.jenkins import Jenkins

    own = settings.jenkins[name]
    token = own.token.get_secret_value()
    ca = str(own.ca) if own.ca else None
    return Jenkins(name, own.url, own.user, token, own.timeout_seconds, own.poll_seconds, ca)


def _kubernetes(settings: Settings, name: str) -> Any:
    from integrations.kubernetes import Kubernetes, connect

    own = settings.clusters[name]
    connection = connect(
        server=own.server or "",
        token=own.token.get_secret_value() if own.token else "",
        ca=str(own.ca) if own.ca else None,
        kubeconfig=str(own.kubeconfig) if own.kubeconfig else None,
        context=own.context,
    )
    return Kubernetes(name, connection, own.timeout_seconds, own.impersonate or "")


def _elasticsearch(settings: Settings, name: str) -> Any:
    from integrations.elasticsearch import Elasticsearch

    own = settings.elasticsearch[name]
    return Elasticsearch(
        name,
        own.urls,
        api_key=own.api_key.get_secret_value() if own.api_key else None,
        user=own.user,
        password=own.password.get_secret_value() if own.password else None,
        ca=str(own.ca) if own.ca else None,
        timeout=own.timeout_seconds,
        fields=own.fields,
        kibana=own.kibana_url,
        names=own.field_names.given,
    )


def _prometheus(settings: Settings, name: str) -> Any:
    from integrations.prometheus import Prometheus

    own = settings.prometheus[name]
    token = own.token.get_secret_value() if own.token else None
    return Prometheus(name, own.url, _login(own), token, _ca(own), own.timeout_seconds)


def _logstash(settings: Settings, name: str) -> Any:
    from integrations.logstash import Logstash

    own = settings.logstash[name]
    return Logstash(name, own.urls, _login(own), _ca(own), own.timeout_seconds)


def _registry(settings: Settings, name: str) -> Any:
    from integrations.harbor import Harbor
    from integrations.registry import PlainRegistry

    own = settings.registries[name]
    kind = Harbor if own.kind == "harbor" else PlainRegistry
    return kind(name, own.address, _login(own), _ca(own), own.timeout_seconds)


def _login(own: Prometheus | Logstash | Registry) -> tuple[str, str] | None:
    return (own.user, own.password.get_secret_value()) if own.user and own.password else None


def _ca(own: Prometheus | Logstash | Registry) -> str | None:
    return str(own.ca) if own.ca else None
