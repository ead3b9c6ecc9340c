"""The sandbox's Kubernetes: an API server with the controllers and kubelets behind it."""

from __future__ import annotations

import base64
import json
import ssl
from collections import deque
from collections.abc import Callable, Mapping
from http import HTTPStatus
from typing import ClassVar

from aiohttp import web

from sandbox.images import Images
from sandbox.kubernetes import errors, schema
from sandbox.kubernetes import nodes as machines
from sandbox.kubernetes.access import Rights, Rule
from sandbox.kubernetes.api import Api, Audited, Patch
from sandbox.kubernetes.autoscalers import Autoscalers
from sandbox.kubernetes.clock import Clock
from sandbox.kubernetes.daemonsets import DaemonSets
from sandbox.kubernetes.decoding import Options
from sandbox.kubernetes.deployments import Deployments
from sandbox.kubernetes.housekeeping import Housekeeping
from sandbox.kubernetes.kubelet import Kubelet
from sandbox.kubernetes.nodes import Size
from sandbox.kubernetes.pods import LogLine, Logs
from sandbox.kubernetes.recorder import Recorder
from sandbox.kubernetes.replicasets import ReplicaSets
from sandbox.kubernetes.resources import DEPLOYMENTS, EVENTS, PODS, REPLICASETS, Object, Resource, Right
from sandbox.kubernetes.statefulsets import StatefulSets
from sandbox.kubernetes.store import Store
from sandbox.kubernetes.watches import Watches
from sandbox.kubernetes.writing import Target, Writer
from sandbox.server import Server

TOKEN = "sandbox-token"


class KubernetesServer(Server):
    """A v1.36 API server to unchanged clients.

    images: what pods can pull. on_log: called with every line that a pod prints. pace: real seconds
    that a lifelike second takes; deadlines and back-offs are scaled by it too. chatter: lifelike
    seconds between the lines of a working pod, 0 for silence. history: changes remembered a kind;
    watches from before answer 410. nodes: how many it has, of the usual size.
    """

    name = "kubernetes"
    spoilt: ClassVar[Mapping[int, str]] = {
        429: "Too many requests, please try again later.\n",
        504: json.dumps(
            {k: v for k, v in errors.timeout().status.items() if k not in ("kind", "apiVersion")}
        ),
    }
    """Plain text, as recorded: also the Status of a 504, which has neither kind nor apiVersion."""

    def __init__(
        self,
        images: Images,
        on_log: Callable[[LogLine], None] | None = None,
        *,
        pace: float = 1.0,
        chatter: float = 5.0,
        history: int = 20_000,
        nodes: int = 3,
        host: str = "127.0.0.1",
        port: int = 0,
    ) -> None:
        super().__init__(host, port)
        self.images = images
        self.clock = Clock(pace)
        self.store = Store(history)
        self.logs = Logs(on_log)
        self.watches = Watches(self.store)
        self.api = Api(self.store, self.watches, self.logs)
        self.api.tokens[TOKEN] = Rule()
        recorder = Recorder(self.store)
        self.deployments = Deployments(self.store, self.clock, recorder)
        self.replicasets = ReplicaSets(self.store, self.clock, recorder)
        self.autoscalers = Autoscalers(self.store, self.clock, recorder)
        self._parts = (
            self.autoscalers,
            self.deployments,
            self.replicasets,
            StatefulSets(self.store, self.clock, recorder),
            DaemonSets(self.store, self.clock, recorder),
            Kubelet(self.store, self.clock, recorder, self.logs, images, chatter),
            Housekeeping(self.store, self.clock),
        )
        self._recorder = recorder
        self.store.listeners.extend(part.observe for part in self._parts)
        self.app.router.add_route("*", "/{path:.*}", self.api.handle)
        self.tls_port = 0
        self._tls_site: web.TCPSite | None = None
        self._nodes = nodes
        machines.create(self.store, nodes)

    async def start(self) -> None:
        self.clock.start()
        await super().start()

    @property
    def tls_url(self) -> str:
        """The same server over TLS: kubectl sends tokens to no other."""
        return f"https://{self.host}:{self.tls_port}"

    async def listen(self) -> None:
        await super().listen()
        assert self._runner is not None
        context = ssl.create_default_context(ssl.Purpose.CLIENT_AUTH)
        context.load_cert_chain(schema.DATA / "loopback.pem")
        self._tls_site = web.TCPSite(
            self._runner, self.host, self.tls_port, ssl_context=context, reuse_address=True
        )
        await self._tls_site.start()
        self.tls_port = self._runner.addresses[-1][1]

    async def deafen(self) -> None:
        if self._tls_site is not None:
            await self._tls_site.stop()
            self._tls_site = None
        await super().deafen()

    async def stop(self) -> None:
        self.watches.close()
        await super().stop()

    @property
    def tokens(self) -> dict[str, Rights]:
        """Bearer token -> what its bearer may do. Anything else is 401."""
        return self.api.tokens

    @property
    def users(self) -> dict[str, Rights]:
        """Impersonated user (or `group:name`) -> rights; others have those of the token."""
        return self.api.users

    @property
    def patches(self) -> list[Patch]:
        """Every accepted change request for a workload, its Scale or an autoscaler, in order."""
        return self.api.patches

    @property
    def audit(self) -> deque[Audited]:
        return self.api.audit

    def asked(self, user: str, *, everywhere: bool = False) -> set[Right]:
        """What a user was granted and used: in namespaces, or of the whole cluster. Watches count when they end."""
        entries = [each for each in self.audit if each.user == user and each.code != HTTPStatus.FORBIDDEN]
        return {each.right for each in entries if everywhere != bool(each.target.namespace)}

    def reset(self) -> None:
        """Back to a cluster with nodes only; open watches end."""
        self.watches.close()
        for part in (*self._parts, self._recorder, self.logs, self.store):
            part.clear()
        self.api.patches.clear()
        self.api.audit.clear()
        machines.create(self.store, self._nodes)

    def resize_nodes(self, size: Size) -> None:
        """Other machines under the pods that run: what does not fit them any more waits from its next start on."""
        machines.resize(self.store, size)

    def create(self, resource: Resource, item: Object) -> Object:
        """Create an object as a client with all rights would. Raises ApiError."""
        namespace = item["metadata"].get("namespace", "")
        return Writer(self.store).create(Target(resource, namespace), item, Options()).answer

    def deployment(self, namespace: str, name: str) -> Object:
        """Raises KeyError if there is none."""
        return self._named(DEPLOYMENTS, namespace, name)

    def image(self, namespace: str, name: str) -> str:
        """The image that a Deployment asks for, of its first container."""
        return str(self.deployment(namespace, name)["spec"]["template"]["spec"]["containers"][0]["image"])

    def pods(self, namespace: str, app: str = "") -> list[Object]:
        return self._labelled(PODS, namespace, app)

    def replica_sets(self, namespace: str, app: str = "") -> list[Object]:
        return self._labelled(REPLICASETS, namespace, app)

    def events(self, namespace: str, name: str = "") -> list[Object]:
        """Events of a namespace, about one object if named, oldest first."""
        found = [e for e in self.store.all(EVENTS, namespace) if name in ("", e["involvedObject"]["name"])]
        return sorted(found, key=lambda event: int(event["metadata"]["resourceVersion"]))

    def _named(self, resource: Resource, namespace: str, name: str) -> Object:
        found = self.store.get(resource, namespace, name)
        if found is None:
            raise KeyError(f"{resource.plural} {namespace}/{name}")
        return found

    def _labelled(self, resource: Resource, namespace: str, app: str) -> list[Object]:
        found = self.store.all(resource, namespace)
        return [item for item in found if app in ("", item["metadata"].get("labels", {}).get("app"))]


def kubeconfig(server: KubernetesServer, token: str = TOKEN, namespace: str = "default") -> str:
    """YAML for kubectl and the Python client."""
    authority = base64.b64encode((schema.DATA / "loopback-ca.crt").read_bytes()).decode()
    return f"""\
apiVersion: v1
kind: Config
current-context: sandbox
clusters:
- name: sandbox
  cluster:
    server: {server.tls_url}
    certificate-authority-data: {authority}
contexts:
- name: sandbox
  context:
    cluster: sandbox
    user: sandbox
    namespace: {namespace}
users:
- name: sandbox
  user:
    token: {token}
"""
