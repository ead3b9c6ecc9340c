"""The images that exist in the sandbox's registry, and how a pod made from each behaves."""

from __future__ import annotations

import hashlib
import time
from dataclasses import dataclass, field
from typing import Literal

Behaviour = Literal[
    "runs",
    "slow",
    "missing",
    "denied",
    "unreachable",
    "throttled",
    "untrusted",
    "foreign",
    "misconfigured",
    "uncreatable",
    "unstartable",
    "unready",
    "hangs",
    "stuck",
    "crashes",
    "exits",
    "oom",
]
"""How pods made from an image fare, and what `kubectl get pods` says of them:

| behaviour     | what happens                                              | STATUS (READY)                  |
| ------------- | --------------------------------------------------------- | ------------------------------- |
| runs          | becomes ready                                             | Running (1/1)                   |
| slow          | takes 20 s to pull, then becomes ready                     | ContainerCreating, Running      |
| missing       | nodes find it no more, like what nobody pushed            | ErrImagePull, ImagePullBackOff  |
| denied        | the registry wants a login                                | ErrImagePull, ImagePullBackOff  |
| unreachable   | the registry does not answer                              | ErrImagePull, ImagePullBackOff  |
| throttled     | the registry was asked too often                          | ErrImagePull, ImagePullBackOff  |
| untrusted     | the node does not know who signed the registry's certificate | ErrImagePull, ImagePullBackOff |
| foreign       | it is built for another kind of processor                 | ErrImagePull, ImagePullBackOff  |
| misconfigured | it needs a Secret that is not there                       | CreateContainerConfigError      |
| uncreatable   | the runtime cannot make its container                     | CreateContainerError            |
| unstartable   | its command is not in the image                           | RunContainerError               |
| unready       | readiness probe: 503, for ever                            | Running (0/1)                   |
| hangs         | no probe is answered: killed after three, restarted       | Running (0/1), CrashLoopBackOff |
| stuck         | its startup probe is never passed: killed after three     | Running (0/1), CrashLoopBackOff |
| crashes       | starts, logs, exits 1                                     | Error, CrashLoopBackOff         |
| exits         | starts, logs, exits 0 though it should go on              | Completed, CrashLoopBackOff     |
| oom           | starts, logs, killed for its memory: 137                  | OOMKilled, CrashLoopBackOff     |

The sample shop's revisions that build each: `sandbox.jenkins.shop.MISHAPS`. What no image decides: a quota
(`resourcequotas`), nodes too small (`KubernetesServer.resize_nodes`), a template's Secret that is missing.
"""


@dataclass(frozen=True)
class Image:
    """One pushed image; `reference` is `registry/repository:tag`, `pushed` in epoch seconds."""

    reference: str
    digest: str
    pushed: float
    behaviour: Behaviour = "runs"
    log: tuple[str, ...] = ()
    """Lines a pod prints as it starts (for `crashes`: then it exits); `{start}`: for the how manieth time."""

    @property
    def place(self) -> str:
        """`registry/repository`."""
        return self.reference.rpartition(":")[0]

    @property
    def tag(self) -> str:
        return self.reference.rpartition(":")[2]


@dataclass
class Images:
    """Jenkins pushes here, Kubernetes pulls from here. A reference that was never pushed cannot be pulled."""

    pushed: dict[str, Image] = field(default_factory=dict)
    """By reference, in the order of the pushes. A tag that is pushed again names the newer image only."""

    def push(
        self, reference: str, behaviour: Behaviour = "runs", log: tuple[str, ...] = (), content: str = ""
    ) -> Image:
        """`content` tells an image from another that had the same tag before: its digest differs."""
        digest = "sha256:" + hashlib.sha256((reference + content).encode()).hexdigest()
        image = Image(reference, digest, time.time(), behaviour, log)
        self.pushed.pop(reference, None)
        self.pushed[reference] = image
        return image

    def remove(self, reference: str) -> None:
        """As garbage collection or a person would. Raises KeyError."""
        del self.pushed[reference]

    def of(self, place: str) -> list[Image]:
        """What `registry/repository` holds, oldest first."""
        return [image for image in self.pushed.values() if image.place == place]

    def find(self, reference: str) -> Image | None:
        """The image that `reference` (`repo:tag` or `repo@sha256:...`) names; None: cannot be pulled."""
        if "@" not in reference:
            return self.pushed.get(reference)
        repository, digest = reference.split("@", 1)
        named = repository.rsplit(":", 1)[0] if ":" in repository.rsplit("/", 1)[-1] else repository
        matches = (i for i in self.pushed.values() if i.digest == digest and i.reference.startswith(named))
        return next(matches, None)
