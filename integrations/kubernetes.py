"""Kubernetes: what runs where, setting image and replicas, following rollouts through watch streams.

The typed client is used for addresses, credentials and transport; answers stay the JSON that the API sent.
"""

from __future__ import annotations

import json
import logging
import time
from collections.abc import Callable, Collection
from datetime import datetime
from threading import Event
from typing import Any

import urllib3
from kubernetes import client, config
from kubernetes.client.exceptions import ApiException

from bot.faults import Failed, Refused, Unavailable
from bot.ports import Place, Revision, Seen, Tell, Topic, Workload
from bot.retrying import again_when_reading
from integrations import rollout
from integrations.kubernetes_watch import NamespaceWatches
from integrations.rollout import Object

log = logging.getLogger(__name__)

LOG_LINES = 15
REVISION = "deployment.kubernetes.io/revision"
RETELL_SECONDS = 5.0
"""What was told is told again after this: nobody may have listened just then."""


class Kubernetes:
    """`timeout` in seconds for each call; `connection` is what `connect` returns."""

    def __init__(self, name: str, connection: client.ApiClient, timeout: float = 10) -> None:
        self._name = name
        self._timeout = timeout
        self._apps = client.AppsV1Api(connection)
        self._core = client.CoreV1Api(connection)

    # -- reads

    def image(self, place: Place) -> str:
        return rollout.image_of(self._deployment(place), place.container)

    def workload(self, place: Place) -> Workload:
        deployment = self._deployment(place)
        return rollout.workload_of(deployment, self._pods(place, deployment), place.container)

    def revisions(self, place: Place) -> list[Revision]:
        deployment = self._deployment(place)
        selector = _selector(deployment)
        listed = self._read(
            place, self._apps.list_namespaced_replica_set, place.namespace, label_selector=selector
        )
        found = []
        for replica_set in listed["items"]:
            number = replica_set["metadata"].get("annotations", {}).get(REVISION)
            if number and _owned(replica_set, deployment):
                created = datetime.fromisoformat(replica_set["metadata"]["creationTimestamp"])
                found.append(Revision(int(number), rollout.image_of(replica_set, place.container), created))
        return sorted(found, key=lambda revision: revision.number, reverse=True)

    # -- acts: each may be repeated, setting what is set already changes nothing

    def set_image(self, place: Place, image: str, cause: str, operation: str) -> int:
        container = rollout.container_of(self._deployment(place), place.container)
        if container is None:  # a strategic patch would add a container of that name
            raise Refused(f"{place.namespace}/{place.name} has no container named {place.container}.")
        annotations = {"kubernetes.io/change-cause": cause, "shipmate/operation": operation}
        template = {"spec": {"containers": [{"name": place.container, "image": image}]}}
        return self._patch(place, {"metadata": {"annotations": annotations}, "spec": {"template": template}})

    def set_replicas(self, place: Place, count: int, operation: str) -> int:
        annotations = {"shipmate/operation": operation}
        return self._patch(place, {"metadata": {"annotations": annotations}, "spec": {"replicas": count}})

    def _patch(self, place: Place, body: dict[str, Any]) -> int:
        answer = self._call(
            place, self._apps.patch_namespaced_deployment, place.name, place.namespace, body,
            field_manager="shipmate",
        )  # fmt: skip
        return int(json.loads(answer)["metadata"]["generation"])

    # -- topics

    def rollout(self, place: Place, generation: int, image: str) -> Topic:
        args = (place.namespace, place.kind, place.name, place.container, str(generation), image)
        return Topic("kubernetes", self._name, "rollout", args)

    def look(self, topic: Topic) -> Seen:
        place, generation, image = _of_topic(topic)
        deployment = self._deployment(place)
        pods = self._pods(place, deployment)
        seen = rollout.judge(deployment, pods, place.container, generation, image)
        return self.explain(seen, place, pods, image) if seen.failure else seen

    def explain(self, seen: Seen, place: Place, pods: Collection[Object], image: str) -> Seen:
        """Add the last lines of the worst pod's log and its warnings to a failure."""
        pod = rollout.worst_pod(pods, place.container, image)
        if pod is None:
            return seen
        name = pod["metadata"]["name"]
        lines, events = self._pod_log(place, name), self._warnings(place, name)
        return Seen(True, failure=seen.failure, excerpt=lines, events=events)

    def watch(self, topics: Callable[[], Collection[Topic]], tell: Tell, stop: Event) -> None:
        """One stream of deployments and one of pods for each namespace in which something is awaited."""
        watches = NamespaceWatches(self._apps, self._core, stop)
        told: dict[Topic, Seen] = {}
        tell_again = time.monotonic() + RETELL_SECONDS
        while not stop.is_set():
            wanted = set(topics())
            told = {topic: seen for topic, seen in told.items() if topic in wanted}
            if time.monotonic() >= tell_again:
                told, tell_again = {}, time.monotonic() + RETELL_SECONDS
            watches.cover({topic.args[0] for topic in wanted})
            changed = watches.changed(seconds=0.25)
            for topic in wanted:
                place, generation, image = _of_topic(topic)
                silence = watches.trouble(place.namespace)
                if silence:
                    told.pop(topic, None)
                    tell(topic, Seen(False, trouble=f"Kubernetes ({self._name}) {silence}"))
                    continue
                if topic in told and (place.namespace, place.name) not in changed:
                    continue
                known = watches.known(place.namespace, place.name)
                if known is None:  # deleted, unless its namespace has not been listed yet
                    if watches.gone(place.namespace, place.name):
                        words = f"{place.kind} {place.namespace}/{place.name} was deleted meanwhile."
                        tell(topic, Seen(done=True, failure=words))
                    continue
                seen = rollout.judge(*known, place.container, generation, image)
                if told.get(topic) != seen:
                    told[topic] = seen
                    self._tell(tell, topic, place, seen, known[1], image)
        watches.close()

    def _tell(
        self, tell: Tell, topic: Topic, place: Place, seen: Seen, pods: Collection[Object], image: str
    ) -> None:
        if seen.failure:
            try:
                seen = self.explain(seen, place, pods, image)
            except (Unavailable, Refused, Failed) as trouble:
                log.warning("no excerpt for %s: %s", place.name, trouble)
        tell(topic, seen)

    # -- transport

    def _deployment(self, place: Place) -> Object:
        return self._read(place, self._apps.read_namespaced_deployment, place.name, place.namespace)

    def _pods(self, place: Place, deployment: Object) -> list[Object]:
        selector = _selector(deployment)
        listed = self._read(place, self._core.list_namespaced_pod, place.namespace, label_selector=selector)
        items: list[Object] = listed["items"]
        return items

    def _pod_log(self, place: Place, pod: str) -> tuple[str, ...]:
        """Of the run that ended, else of the one that runs; empty when neither is there."""
        for previous in (True, False):
            try:
                text = self._call(
                    place, self._core.read_namespaced_pod_log, pod, place.namespace,
                    container=place.container, previous=previous, tail_lines=LOG_LINES, limit_bytes=65_536,
                )  # fmt: skip
            except (Refused, Failed):
                continue  # 400 when there is no such run, 404 when the pod is gone
            if text.strip():
                return tuple(text.splitlines())
        return ()

    def _warnings(self, place: Place, pod: str) -> tuple[str, ...]:
        selector = f"involvedObject.name={pod},type=Warning"
        listed = self._read(place, self._core.list_namespaced_event, place.namespace, field_selector=selector)
        return tuple(rollout.event_line(event) for event in listed["items"][-5:])

    @again_when_reading
    def _read(self, place: Place, method: Callable[..., Any], *args: Any, **options: Any) -> dict[str, Any]:
        answer: dict[str, Any] = json.loads(self._call(place, method, *args, **options))
        return answer

    def _call(self, place: Place, method: Callable[..., Any], *args: Any, **options: Any) -> str:
        try:
            response = method(*args, **options, _preload_content=False, _request_timeout=self._timeout)
            return bytes(response.data).decode("utf-8", "replace")
        except ApiException as error:
            raise self._meaning(place, error.status) from None
        except urllib3.exceptions.TimeoutError:
            raise Unavailable(f"Kubernetes ({self._name})", "did not answer in time") from None
        except urllib3.exceptions.HTTPError:
            raise Unavailable(f"Kubernetes ({self._name})", "cannot be reached") from None

    def _meaning(self, place: Place, status: int | None) -> Exception:
        """Never the body: the message of a 422 holds the whole object, environment values included."""
        system, what = f"Kubernetes ({self._name})", f"{place.kind} {place.namespace}/{place.name}"
        match status:
            case 401:
                return Failed(f"{system} does not accept Shipmate's credentials (401).")
            case 403:
                return Failed(f"Shipmate may not do this to {what} in {system} (403: rights or a quota).")
            case 404:
                return Refused(f"{system} has no {what}.", "Is the place right in shipmate.yaml?")
            case 400 | 409 | 422:
                return Failed(f"{system} did not accept the change to {what} ({status}).")
            case _:
                return Unavailable(system, f"answered {status}" if status else "cannot be reached")


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
            settings.api_key = {"authorization": f"Bearer {token}"}
            settings.ssl_ca_cert = ca
        elif kubeconfig:
            config.load_kube_config(kubeconfig, context, settings)
        else:
            config.load_incluster_config(settings)
    except config.ConfigException as error:
        raise Refused(f"The cluster's configuration cannot be read: {error}") from None
    settings.retries = False  # a call is repeated by the operation, which knows what it may repeat
    settings.connection_pool_maxsize = 16
    return client.ApiClient(settings)


def _of_topic(topic: Topic) -> tuple[Place, int, str]:
    namespace, kind, name, container, generation, image = topic.args
    return Place(namespace, kind, name, container), int(generation), image


def _selector(workload: Object) -> str:
    labels = workload["spec"]["selector"].get("matchLabels", {})
    return ",".join(f"{name}={value}" for name, value in labels.items())


def _owned(replica_set: Object, deployment: Object) -> bool:
    owners = replica_set["metadata"].get("ownerReferences", ())
    return any(owner["uid"] == deployment["metadata"]["uid"] for owner in owners)
