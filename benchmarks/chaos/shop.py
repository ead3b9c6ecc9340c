"""The shop in which the accidents happen: seven projects in four environments, and its configuration."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path

from sandbox.jenkins import JenkinsServer
from sandbox.jenkins import shop as jenkins_shop
from sandbox.kubernetes import shop as cluster_shop
from sandbox.kubernetes.server import KubernetesServer
from sandbox.world import World

PACE = 0.05
ENVIRONMENTS = ("dev", "trunk", "hidden", "product")
PROJECTS = {
    "web": "web", "blog": "web", "api": "api", "shop": "shop", "mail": "shop", "pay": "pay", "old": "web",
}  # fmt: skip
"""Project -> the repository of its images. blog and mail share the Jenkins job of web and shop; the job of pay
rolls out by itself; the job of old does not say which operation a build is for."""
NAMELESS = "legacy/old-build"
JOBS = ("web-build", "shop-build", "team/api-build", "team/pay-release", NAMELESS)
TARGETS = tuple(f"{project}/{environment}" for project in PROJECTS for environment in ENVIRONMENTS)
CHANNELS = ("deploys", "web", "oncall", *(f"chaos-{number}" for number in range(1, 10)))
"""So many that Slack's limit, a message a second in each, leaves room for what is to be said."""
PEOPLE = ("U0ENGINEER", "U0QA", "U0ONCALL", "U0OPS")

CONFIGURATION = """\
slack: {teams: ["${SLACK_TEAM}"]}
environments:
  dev: {line: dev}
  trunk: {line: trunk}
  hidden: {line: releases}
  product: {line: releases, protected: true, approvals: {count: 1, role: oncall, minutes: 1}}
clusters:
  main: {server: "${KUBERNETES_URL}", token: "${KUBERNETES_TOKEN}", timeout_seconds: 1}
jenkins:
  main:
    {url: "${JENKINS_URL}", user: "${JENKINS_USER}", token: "${JENKINS_TOKEN}", poll_seconds: 0.2, timeout_seconds: 1}
defaults:
  build:
    jenkins: main
    parameters: {LINE: "{line}", REVISION: "{ref}"}
    image: {template: "harbor.shop.example/web/web:{line}-r{revision}-{build}"}
  target: {cluster: main, namespace: "chaos-{environment}", replicas: {min: 1, max: 4}}
projects:
  web: {source: svn, build: {job: web-build}}
  blog: {source: svn, build: {job: web-build}}
  api: {source: git, build: {job: team/api-build, image: {artifact: image.txt}}}
  shop: &tagged
    source: svn
    build:
      job: shop-build
      parameters: {LINE: "{line}", REVISION: "{ref}", IMAGE_TAG: "{line}-{operation}"}
      image: {parameter: IMAGE_TAG, template: "harbor.shop.example/shop/shop:{value}"}
  mail: *tagged
  pay:
    source: git
    build:
      job: team/pay-release
      parameters: {LINE: "{line}", REVISION: "{ref}", ENVIRONMENT: "{environment}"}
      image: {template: "harbor.shop.example/pay/pay:{line}-{revision:.7}-{build}"}
    rolls_out: jenkins
  old: {source: svn, build: {job: legacy/old-build}}
roles:
  engineer:
    members: {users: [U0ENGINEER]}
    may: [{commands: [deploy, rollback], environments: [dev, trunk]}, {commands: [status]}]
  qa:
    members: {emails: [qa@shop.example]}
    may: [{commands: [deploy], environments: [trunk, hidden]}, {commands: [status]}]
  oncall:
    members: {groups: [S0ONCALL]}
    may: [{commands: [rollback, scale, status]}]
  ops:
    members: {users: [U0OPS]}
    may: [{commands: ["*"]}]
"""


def configure(folder: Path) -> Path:
    """Write shipmate.yaml; short time-outs, so that what hangs does not take the whole run."""
    path = folder / "shipmate.yaml"
    path.write_text(CONFIGURATION)
    return path


class Shop(World):
    """The sample shop's Slack, with a Jenkins and a cluster of its own; nothing in it talks by itself."""

    def __init__(self) -> None:
        super().__init__(PACE, seed_logs=False)
        self.kubernetes = KubernetesServer(self.images, pace=PACE, chatter=0)
        self.jenkins = JenkinsServer(
            jenkins_shop.jobs(self._release),
            self.images,
            accounts=jenkins_shop.ACCOUNTS,
            pace=PACE,
            executors=8,
        )
        self.servers = {server.name: server for server in (self.slack, self.jenkins, self.kubernetes)}

    async def _release(self, image: str, parameters: Mapping[str, str]) -> None:
        await super()._release(image, {**parameters, "ENVIRONMENT": f"chaos-{parameters['ENVIRONMENT']}"})

    async def start(self) -> None:
        await super().start()
        # Slack gives up on an event after three tries; here more, as accidents come closer than minutes.
        self.slack.delivery.retry_seconds = (1.0, 2.0, 4.0, 8.0, 8.0)
        for channel in CHANNELS[3:]:
            self.slack.slack.add_channel(channel, list(PEOPLE))
        for environment in ENVIRONMENTS:
            namespace = f"chaos-{environment}"
            cluster_shop.namespace(self.kubernetes, namespace)
            for project, repository in PROJECTS.items():
                image = cluster_shop.image(repository, cluster_shop.TAGS[repository])
                # A busy machine is slow: that a rollout stalls is no accident of ours.
                cluster_shop.deploy(
                    self.kubernetes, namespace, project, image, 2, progressDeadlineSeconds=6000
                )
