"""The sections of `shipmate.yaml` about the systems that Shipmate reaches."""

from __future__ import annotations

from typing import Literal, Self

from pydantic import Field, model_validator

from bot.settings.section import Section
from bot.settings.values import (
    SAID,
    FilePath,
    Seconds,
    Secret,
    Text,
    Url,
    wrong,
)


class Cluster(Section):
    """A Kubernetes API server, reached in exactly one of three ways."""

    kubeconfig: FilePath | None = Field(default=None, description="Way 1: path of a kubeconfig file.")
    context: Text | None = Field(
        default=None, description="With `kubeconfig`: its context; without: its current one."
    )
    in_cluster: bool = Field(
        default=False, description="Way 2: the service account of the pod that Shipmate runs in."
    )
    server: Url | None = Field(default=None, description="Way 3: address of the API server, with `token`.")
    token: Secret | None = Field(default=None, description="With `server`: bearer token.")
    ca: FilePath | None = Field(
        default=None, description="With `server`: certificate authority (PEM), if not a public one."
    )
    impersonate: Literal["email", "name"] | None = Field(
        default=None,
        description="Act in the name of the person who asked: the user of that e-mail address or name, whose "
        "rights in the cluster then count and whom its audit log names. Left out: always as Shipmate.",
    )
    timeout_seconds: Seconds = Field(default=10, description="How long one call may take.")

    @model_validator(mode="after")
    def _one_way(self) -> Self:
        ways = [self.kubeconfig is not None, self.in_cluster, self.server is not None]
        if sum(ways) != 1:
            raise wrong(SAID, "expected exactly one of kubeconfig, in_cluster: true, or server with token")
        if (self.server is None) != (self.token is None):
            raise wrong(SAID, "server and token belong together")
        if self.context is not None and self.kubeconfig is None:
            raise wrong(SAID, "context belongs to kubeconfig")
        if self.ca is not None and self.server is None:
            raise wrong(SAID, "ca belongs to server")
        return self


class Jenkins(Section):
    url: Url = Field(description="Address of Jenkins, with its path if it has one.")
    user: Text = Field(description="Jenkins user that starts builds.")
    token: Secret = Field(description="API token of that user.")
    ca: FilePath | None = Field(default=None, description="Certificate authority (PEM), if not a public one.")
    timeout_seconds: Seconds = Field(default=10, description="How long one call may take.")
    poll_seconds: float = Field(
        default=1,
        ge=0.1,
        le=60,
        strict=False,
        description="Pause between two looks at everything in flight there.",
    )


class Registry(Section):
    """Where images are pushed to and pulled from."""

    host: Text = Field(description="What the names of its images begin with: `harbor.shop.example`.")
    kind: Literal["harbor", "registry"] = Field(
        default="harbor",
        description="`harbor`: API v2. `registry`: any registry of the OCI distribution specification, "
        "which knows no time of a push and no scan.",
    )
    url: Url | None = Field(default=None, description="Its address. Left out: `https://` and the host.")
    user: Text | None = Field(
        default=None, description="User, with `password`; in Harbor a robot account that may list and pull."
    )
    password: Secret | None = Field(default=None, description="Password or token of `user`.")
    ca: FilePath | None = Field(default=None, description="Certificate authority (PEM), if not a public one.")
    timeout_seconds: Seconds = Field(default=10, description="How long one call may take.")

    @property
    def address(self) -> str:
        return self.url or f"https://{self.host}"

    @model_validator(mode="after")
    def _whole_login(self) -> Self:
        if (self.user is None) != (self.password is None):
            raise wrong(SAID, "user and password belong together")
        return self
