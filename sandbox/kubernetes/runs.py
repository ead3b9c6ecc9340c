"""Pods that a kubelet looks after: the timers that move them, and what is written and said about them."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field

from sandbox.kubernetes import podstatus
from sandbox.kubernetes.clock import Clock
from sandbox.kubernetes.podstatus import Container
from sandbox.kubernetes.recorder import Recorder, Source
from sandbox.kubernetes.resources import PODS, Object
from sandbox.kubernetes.store import Store


@dataclass
class Run:
    """A pod that its kubelet looks after."""

    uid: str
    namespace: str
    name: str
    address: str
    host: str = ""
    node: str = ""
    containers: list[Container] = field(default_factory=list)
    before: list[Container] = field(default_factory=list)
    """Init containers: each runs to its end before the next; the others start after all of them."""
    stopping: bool = False

    @property
    def shown(self) -> str:
        """As kubelets name pods in messages."""
        return f"{self.name}_{self.namespace}({self.uid})"


class Runs:
    """All of them, by uid."""

    def __init__(self, store: Store, clock: Clock, recorder: Recorder) -> None:
        self.known: dict[str, Run] = {}
        self._store = store
        self._clock = clock
        self._recorder = recorder

    def after(self, seconds: float, run: Run, step: Callable[[Run], None]) -> None:
        """Take `step` later, unless the pod is stopping or gone by then."""

        def take() -> None:
            if self.known.get(run.uid) is run and not run.stopping:
                step(run)

        self._clock.later(seconds, take)

    def spec(self, run: Run, container: Container) -> Object:
        """What the pod's spec says of a container."""
        spec = self.pod(run)["spec"]
        listed = (*spec["containers"], *spec.get("initContainers", ()))
        return next(each for each in listed if each["name"] == container.name)

    def pod(self, run: Run) -> Object:
        pod = self._store.get(PODS, run.namespace, run.name)
        assert pod is not None  # `after` has seen to it
        return pod

    def write(self, run: Run) -> None:
        pod = self.pod(run)
        status = podstatus.running(pod, run.containers, run.before, run.host, run.address)
        self._store.update(PODS, pod | {"status": status})

    def tell(self, run: Run, container: Container, reason: str, text: str) -> None:
        source, field_path = self._said(run, container)
        self._recorder.normal(source, PODS, self.pod(run), reason, text, field_path)

    def warn(self, run: Run, container: Container, reason: str, text: str) -> None:
        source, field_path = self._said(run, container)
        self._recorder.warning(source, PODS, self.pod(run), reason, text, field_path)

    def _said(self, run: Run, container: Container) -> tuple[Source, str]:
        listed = "initContainers" if container in run.before else "containers"
        return Source("kubelet", run.node), f"spec.{listed}{{{container.name}}}"
