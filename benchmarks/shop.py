"""A shop as large as a benchmark needs: many projects, one Jenkins job, one small Deployment a target."""

from __future__ import annotations

from pathlib import Path

from sandbox.jenkins import JenkinsServer
from sandbox.jenkins import shop as jenkins_shop
from sandbox.kubernetes import shop as cluster_shop
from sandbox.kubernetes.server import KubernetesServer
from sandbox.world import World

ENVIRONMENTS = ("dev", "trunk", "hidden", "product")
CONFIGURATION = """\
slack: {teams: ["${SLACK_TEAM}"]}
environments: {dev: {line: dev}, trunk: {line: trunk}, hidden: {line: releases}, product: {line: releases}}
clusters:
  main: {server: "${KUBERNETES_URL}", token: "${KUBERNETES_TOKEN}"}
jenkins:
  main: {url: "${JENKINS_URL}", user: "${JENKINS_USER}", token: "${JENKINS_TOKEN}"}
defaults:
  build:
    jenkins: main
    job: web-build
    parameters: {LINE: "{line}", REVISION: "{ref}"}
    image: {template: "harbor.shop.example/web/web:{line}-r{revision}-{build}"}
  target: {cluster: main, namespace: "big-{environment}"}
roles:
  ops: {members: {users: [U0OPS]}, may: [{commands: ["*"]}]}
limits: {build_minutes: 60, rollout_minutes: 60}
projects:
"""


def configure(folder: Path, projects: int) -> Path:
    path = folder / "shipmate.yaml"
    path.write_text(CONFIGURATION + "".join(f"  p{number}: {{source: svn}}\n" for number in range(projects)))
    return path


def targets(projects: int) -> list[tuple[str, str]]:
    return [(f"p{number}", environment) for environment in ENVIRONMENTS for number in range(projects)]


class BigShop(World):
    """`pace` multiplies what builds and pods take: large ones keep operations in flight for minutes."""

    def __init__(self, projects: int, pace: float, cluster_pace: float | None = None) -> None:
        super().__init__(pace, seed_logs=False)
        self._projects = projects
        self.kubernetes = KubernetesServer(
            self.images, pace=pace if cluster_pace is None else cluster_pace, chatter=0, nodes=6
        )
        self.jenkins = JenkinsServer(
            jenkins_shop.jobs(),
            self.images,
            accounts=jenkins_shop.ACCOUNTS,
            pace=pace,
            executors=2_000,
            quiet_period=0,
        )
        self.servers = {server.name: server for server in (self.slack, self.jenkins, self.kubernetes)}

    async def start(self) -> None:
        await super().start()
        image = cluster_shop.image("web", cluster_shop.TAGS["web"])
        for environment in ENVIRONMENTS:
            cluster_shop.namespace(self.kubernetes, f"big-{environment}")
        for project, environment in targets(self._projects):
            cluster_shop.deploy(
                self.kubernetes, f"big-{environment}", project, image, 1, progressDeadlineSeconds=6000
            )
