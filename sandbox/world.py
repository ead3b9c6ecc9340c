"""The sample shop: all sandbox servers in one event loop, wired to each other.

Jenkins pushes images to Harbor, Kubernetes pulls them from there, pods write logs into Elasticsearch, and
one Jenkins job sets its image in Kubernetes by itself.
"""

from __future__ import annotations

import asyncio
import threading
import time
from collections.abc import Callable, Coroutine, Mapping
from pathlib import Path
from typing import Any, ClassVar, TypeVar

import aiohttp
import yaml

from bot.command import discover
from bot.console import this_account
from sandbox import people
from sandbox.elasticsearch import ElasticsearchServer
from sandbox.elasticsearch import shop as log_shop
from sandbox.elasticsearch.security import Credentials
from sandbox.harbor import ROBOT, HarborServer
from sandbox.images import Images
from sandbox.jenkins import JenkinsServer
from sandbox.jenkins import shop as jenkins_shop
from sandbox.kubernetes import Rule
from sandbox.kubernetes import shop as cluster_shop
from sandbox.kubernetes.server import TOKEN as CLUSTER_TOKEN
from sandbox.kubernetes.server import KubernetesServer
from sandbox.mail import MailServer
from sandbox.mail.server import CA as MAIL_CA
from sandbox.page.server import PageServer
from sandbox.pipeline import LogstashServer, Pipeline, PrometheusServer
from sandbox.server import Server
from sandbox.slack import APP_TOKEN, BOT_TOKEN, SlackServer
from sandbox.slack.records import TEAM

T = TypeVar("T")

API_KEY = "c2hpcG1hdGU6c2FuZGJveA=="
"""Elasticsearch: base64 of `shipmate:sandbox`."""
HOOK_SECRET = "sandbox-hook-secret"
MANIFEST = Path(__file__).parents[1] / "docs" / "slack-app-manifest.yaml"
NO_PORTS: Mapping[str, int] = {}


class World:
    """`pace` multiplies every duration: 1.0 is lifelike. `ports` by server name; absent: any free one.

    `chatter`: lifelike seconds between two lines of a container; 0: it prints none by itself.
    `more_clusters`: name -> number of nodes of clusters beside the main one, empty and each with a token of its own.
    """

    opened: ClassVar[list[Callable[[World], None]]] = []
    """Called with each world that is made: for those who watch them all."""

    def __init__(
        self,
        pace: float = 1.0,
        ports: Mapping[str, int] = NO_PORTS,
        seed_logs: bool = True,
        more_clusters: Mapping[str, int] = NO_PORTS,
        chatter: float = 5.0,
    ) -> None:
        self.images = Images()
        self.elasticsearch = ElasticsearchServer(port=ports.get("elasticsearch", 0))
        self.elasticsearch.credentials = Credentials(api_keys={API_KEY})
        self.pipeline = Pipeline(self.elasticsearch.write_log)
        self.logstash = LogstashServer(self.pipeline, port=ports.get("logstash", 0))
        self.prometheus = PrometheusServer(self.pipeline, port=ports.get("prometheus", 0))
        self.kubernetes = KubernetesServer(
            self.images,
            on_log=self.pipeline.accept,
            port=ports.get("kubernetes", 0),
            pace=pace,
            chatter=chatter,
        )
        self.jenkins = JenkinsServer(
            jenkins_shop.jobs(self._release),
            self.images,
            accounts=jenkins_shop.ACCOUNTS,
            port=ports.get("jenkins", 0),
            pace=pace,
        )
        self.harbor = HarborServer(self.images, jenkins_shop.REGISTRY, port=ports.get("harbor", 0))
        self.mail = MailServer(port=ports.get("mail", 0))
        self.slack = SlackServer(port=ports.get("slack", 0))
        self.slack.slack.shortcuts = yaml.safe_load(MANIFEST.read_text())["features"]["shortcuts"]
        backends: dict[str, Server] = {
            server.name: server
            for server in (
                self.slack,
                self.jenkins,
                self.kubernetes,
                self.elasticsearch,
                self.logstash,
                self.prometheus,
                self.harbor,
                self.mail,
            )
        }
        commands = [(command.usage, command.summary()) for command in discover("commands")]
        self.page = PageServer(
            self.slack.slack, backends, port=ports.get("page", 0), commands=commands, pipeline=self.pipeline
        )
        self.more_clusters = {
            name: KubernetesServer(self.images, self.pipeline.accept, nodes=nodes, pace=pace)
            for name, nodes in more_clusters.items()
        }
        for name, server in self.more_clusters.items():
            server.tokens.clear()
            server.tokens[f"{name}-token"] = Rule()
        beside = {f"kubernetes-{name}": server for name, server in self.more_clusters.items()}
        self.servers: dict[str, Server] = {**backends, **beside, "page": self.page}
        self._seed_logs = seed_logs
        for watch in self.opened:
            watch(self)

    async def start(self) -> None:
        """Raises OSError when a port is in use."""
        people.move_in(self.slack.slack)
        cluster_shop.create(self.kubernetes)
        if self._seed_logs:
            log_shop.seed(self.elasticsearch, time.time())
        for server in self.servers.values():
            await server.start()

    async def stop(self) -> None:
        for server in reversed(self.servers.values()):
            await server.stop()

    def reset(self) -> None:
        """The shop as it opens: call it in the servers' event loop."""
        for server in self.servers.values():
            server.faults.clear()
        self.images.pushed.clear()
        self.mail.mails.clear()
        self.jenkins.reset()
        for cluster in (self.kubernetes, *self.more_clusters.values()):
            cluster.reset()
        cluster_shop.create(self.kubernetes)
        self.elasticsearch.reset()
        self.pipeline.reset()
        if self._seed_logs:
            log_shop.seed(self.elasticsearch, time.time())
        self.slack.slack.messages.clear()
        self.slack.slack.ephemerals.clear()
        self.slack.slack.homes.clear()
        self.slack.slack.views.clear()

    async def _release(self, image: str, parameters: Mapping[str, str]) -> None:
        """What `team/pay-release` does at its end."""
        path = f"/apis/apps/v1/namespaces/{parameters['ENVIRONMENT']}/deployments/pay"
        containers = {"containers": [{"name": "pay", "image": image}]}
        headers = {
            "Authorization": f"Bearer {CLUSTER_TOKEN}",
            "Content-Type": "application/strategic-merge-patch+json",
        }
        body = {"spec": {"template": {"spec": containers}}}
        async with (
            aiohttp.ClientSession(headers=headers) as session,
            session.patch(self.kubernetes.url + path, json=body) as answer,
        ):
            answer.raise_for_status()

    def variables(self) -> dict[str, str]:
        """The environment in which the bot's processes work on this shop; `EDGE_URL` and `EDGE_TOKEN` for a
        further cluster `edge`."""
        return {
            **{f"{name.upper()}_URL": server.url for name, server in self.more_clusters.items()},
            **{f"{name.upper()}_TOKEN": f"{name}-token" for name in self.more_clusters},
            "SLACK_API_URL": f"{self.slack.url}/api/",
            "SLACK_BOT_TOKEN": BOT_TOKEN,
            "SLACK_APP_TOKEN": APP_TOKEN,
            "SLACK_TEAM": TEAM,
            "CONSOLE_ACCOUNT": this_account(),
            "CONSOLE_CHANNEL": self.slack.slack.channel("deploys").id,
            "JENKINS_URL": self.jenkins.url,
            "JENKINS_USER": jenkins_shop.SHIPMATE.name,
            "JENKINS_TOKEN": jenkins_shop.SHIPMATE.token,
            "KUBERNETES_URL": self.kubernetes.url,
            "KUBERNETES_TOKEN": CLUSTER_TOKEN,
            "HARBOR_URL": self.harbor.url,
            "HARBOR_USER": ROBOT[0],
            "HARBOR_PASSWORD": ROBOT[1],
            "ELASTICSEARCH_URL": self.elasticsearch.url,
            "ELASTICSEARCH_API_KEY": API_KEY,
            "MAIL_SERVER": self.mail.address,
            "MAIL_CA": str(MAIL_CA),
            "HOOK_SECRET": HOOK_SECRET,
            "LOGSTASH_URL": self.logstash.url,
            "PROMETHEUS_URL": self.prometheus.url,
            "KIBANA_URL": "http://kibana.shop.example",
        }


class WorldThread:
    """A world in a thread of its own, for launchers and tests."""

    def __init__(self, world: World) -> None:
        self.world = world
        self._loop = asyncio.new_event_loop()
        self._thread = threading.Thread(target=self._loop.run_forever, name="sandbox", daemon=True)

    def start(self) -> None:
        self._thread.start()
        self.run(self.world.start())

    def stop(self) -> None:
        self.run(self.world.stop())
        self._loop.call_soon_threadsafe(self._loop.stop)
        self._thread.join(timeout=5)

    def run(self, work: Coroutine[Any, Any, T], timeout: float = 30) -> T:
        """Await `work` in the world's loop."""
        return asyncio.run_coroutine_threadsafe(work, self._loop).result(timeout)

    def call(self, do: Callable[..., T], *args: Any, **options: Any) -> T:
        """Run `do` in the world's loop: servers' state is only changed there."""

        async def run() -> T:
            return do(*args, **options)

        return self.run(run())
