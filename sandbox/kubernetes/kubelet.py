"""Scheduler and kubelet in one: what becomes of a pod, decided by the images that exist."""

from __future__ import annotations

import random
import re
import secrets
from collections.abc import Callable
from dataclasses import dataclass, field

from sandbox.images import Image, Images
from sandbox.kubernetes import chatter, nodes, podstatus, times
from sandbox.kubernetes.clock import Clock
from sandbox.kubernetes.pods import Logs
from sandbox.kubernetes.podstatus import Container
from sandbox.kubernetes.recorder import Recorder, Source
from sandbox.kubernetes.resources import PODS, Object
from sandbox.kubernetes.scheduler import Scheduler
from sandbox.kubernetes.store import Change, Store

SCHEDULED, CREATED, PULLED, STARTED, CRASHED, STOPPED = 0.06, 0.01, 0.8, 1.15, 0.5, 1.0
"""Lifelike seconds that each step takes: a pod is ready about 2 s after it was created."""
SPREAD = 0.15
"""Pods made together become ready up to this many lifelike seconds apart."""
PROBE_PERIOD = 10.0
BACKOFF_FIRST, BACKOFF_LONGEST = 10.0, 300.0

_REFERENCE = re.compile(
    r"^([\w.-]+(:\d+)?/)?[a-z0-9]+(([._]|__|-+|/)[a-z0-9]+)*(:\w[\w.-]{0,127})?(@sha256:[0-9a-f]{64})?$"
)
"""github.com/distribution/reference, near enough to tell a reference from none."""
_SCHEDULER = Source("default-scheduler")


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
    stopping: bool = False


class Kubelet:
    """Moves pods along with timers; nothing is polled."""

    def __init__(
        self, store: Store, clock: Clock, recorder: Recorder, logs: Logs, images: Images, chatter_every: float
    ) -> None:
        self._store = store
        self._clock = clock
        self._recorder = recorder
        self._logs = logs
        self._images = images
        self._chatter_every = chatter_every
        self._scheduler = Scheduler(store)
        self._random = random.Random(7)
        self._runs: dict[str, Run] = {}
        self._addresses = 0

    def clear(self) -> None:
        self._runs.clear()
        self._scheduler.clear()

    def observe(self, change: Change) -> None:
        if change.resource is not PODS:
            return
        self._scheduler.observe(change)
        metadata = change.item["metadata"]
        if change.kind == "ADDED":
            self._addresses += 1
            address = f"10.244.{self._addresses // 250 % 250}.{self._addresses % 250 + 2}"
            run = Run(metadata["uid"], metadata["namespace"], metadata["name"], address)
            self._runs[run.uid] = run
            self._after(SCHEDULED, run, self._schedule)
        elif change.kind == "DELETED":
            self._runs.pop(metadata["uid"], None)
            self._logs.forget(metadata["uid"])
        elif "deletionTimestamp" in metadata:
            self._stop(self._runs[metadata["uid"]])

    def _after(self, seconds: float, run: Run, step: Callable[[Run], None]) -> None:
        """Take `step` later, unless the pod is stopping or gone by then."""

        def take() -> None:
            if self._runs.get(run.uid) is run and not run.stopping:
                step(run)

        self._clock.later(seconds, take)

    def _pod(self, run: Run) -> Object:
        pod = self._store.get(PODS, run.namespace, run.name)
        assert pod is not None  # `_after` has seen to it
        return pod

    def _schedule(self, run: Run) -> None:
        pod = self._pod(run)
        node, why = self._scheduler.choose(pod)
        if node is None:
            self._store.update(PODS, pod | {"status": podstatus.unschedulable(pod, why)})
            self._recorder.warning(_SCHEDULER, PODS, pod, "FailedScheduling", why)
            return
        run.node, run.host = node["metadata"]["name"], nodes.address(node)
        bound = pod | {"spec": pod["spec"] | {"nodeName": run.node}}
        pod = self._store.update(PODS, bound | {"status": podstatus.scheduled(bound)})
        text = f"Successfully assigned {run.namespace}/{run.name} to {run.node}"
        self._recorder.normal(_SCHEDULER, PODS, pod, "Scheduled", text)
        self._after(CREATED, run, self._take_on)

    def _take_on(self, run: Run) -> None:
        pod = self._pod(run)
        run.containers = [Container(each["name"], each["image"]) for each in pod["spec"]["containers"]]
        self._write(run)
        for container in run.containers:
            self._pull(run, container)

    def _pull(self, run: Run, container: Container) -> None:
        if not _REFERENCE.match(container.image):
            self._refuse_name(run, container)
            return
        self._tell(run, container, "Pulling", f'Pulling image "{container.image}"')
        self._after(PULLED, run, lambda run: self._pulled(run, container))

    def _pulled(self, run: Run, container: Container) -> None:
        image = self._images.find(container.image)
        if image is None:
            self._fail_pull(run, container)
            return
        took = f"{round(PULLED * 1000)}ms"
        text = f'Successfully pulled image "{container.image}" in {took} ({took} including waiting).'
        self._tell(run, container, "Pulled", f"{text} Image size: 23456789 bytes.")
        container.failed_pulls = 0
        repository = container.image.split("@")[0].rsplit(":", 1)[0]
        container.image_id = f"{repository}@{image.digest}"
        delay = STARTED + self._random.uniform(0, SPREAD)
        self._after(delay, run, lambda run: self._start(run, container, image))

    def _refuse_name(self, run: Run, container: Container) -> None:
        text = (
            f'Failed to apply default image tag "{container.image}": '
            f'couldn\'t parse image name "{container.image}": invalid reference format'
        )
        self._warn(run, container, "InspectFailed", text)
        self._warn(run, container, "Failed", "Error: InvalidImageName")
        container.state = {"waiting": {"reason": "InvalidImageName", "message": text}}
        self._write(run)

    def _fail_pull(self, run: Run, container: Container) -> None:
        """ErrImagePull, a moment later ImagePullBackOff, then the next try."""
        image = container.image
        why = (
            f'rpc error: code = NotFound desc = failed to pull and unpack image "{image}": '
            f"failed to resolve image: {image}: not found"
        )
        container.state = {"waiting": {"reason": "ErrImagePull", "message": why}}
        self._write(run)
        self._warn(run, container, "Failed", f'Failed to pull image "{image}": {why}')
        self._warn(run, container, "Failed", "Error: ErrImagePull")
        container.failed_pulls += 1
        wait = _backoff(container.failed_pulls)
        self._after(1.0, run, lambda run: self._back_off_pull(run, container, why))
        self._after(1.0 + wait, run, lambda run: self._pull(run, container))

    def _back_off_pull(self, run: Run, container: Container, why: str) -> None:
        text = f'Back-off pulling image "{container.image}"'
        container.state = {
            "waiting": {"reason": "ImagePullBackOff", "message": f"{text}: ErrImagePull: {why}"}
        }
        self._write(run)
        self._tell(run, container, "BackOff", text)
        self._warn(run, container, "Failed", "Error: ImagePullBackOff")

    def _start(self, run: Run, container: Container, image: Image) -> None:
        pod = self._pod(run)
        container.container_id = f"containerd://{secrets.token_hex(32)}"
        container.state = {"running": {"startedAt": times.stamp()}}
        container.started = True
        self._logs.begin(pod, container.name)
        for line in image.log:
            self._logs.print(pod, container.name, line)
        container.ready = image.behaviour == "runs"
        self._write(run)
        self._tell(run, container, "Created", "Container created")
        self._tell(run, container, "Started", "Container started")
        if image.behaviour == "crashes":
            self._after(CRASHED, run, lambda run: self._crash(run, container, image))
        elif image.behaviour == "unready":
            self._after(1.0, run, lambda run: self._probe_fails(run, container))
        elif self._chatter_every:
            self._talk(run, container)

    def _probe_fails(self, run: Run, container: Container) -> None:
        text = "Readiness probe failed: HTTP probe failed with statuscode: 503"
        self._warn(run, container, "Unhealthy", text)
        self._after(PROBE_PERIOD, run, lambda run: self._probe_fails(run, container))

    def _talk(self, run: Run, container: Container) -> None:
        """The next line of a working container, and the ones after it."""
        wait = self._random.uniform(0.3, 1.7) * self._chatter_every

        def speak(run: Run) -> None:
            level, message = chatter.line(self._random, container.name)
            self._logs.print(self._pod(run), container.name, message, level)
            self._talk(run, container)

        self._after(wait, run, speak)

    def _crash(self, run: Run, container: Container, image: Image) -> None:
        """Exit 1; the first time it is started again at once, then after a growing back-off."""
        ended = {"exitCode": 1, "reason": "Error", "startedAt": container.state["running"]["startedAt"]}
        ended |= {"finishedAt": times.stamp(), "containerID": container.container_id}
        container.ready = container.started = False
        container.state = {"terminated": ended}
        container.crashes += 1
        self._write(run)
        wait = _backoff(container.crashes - 1) if container.crashes > 1 else 0.0
        if wait:
            self._after(0.2, run, lambda run: self._wait_to_restart(run, container, ended, wait))
        self._after(0.5 + wait, run, lambda run: self._restart(run, container, ended, image))

    def _wait_to_restart(self, run: Run, container: Container, ended: Object, wait: float) -> None:
        where = f"{run.name}_{run.namespace}({run.uid})"
        text = f"back-off {_go_duration(wait)} restarting failed container={container.name} pod={where}"
        container.state = {"waiting": {"reason": "CrashLoopBackOff", "message": text}}
        container.last = {"terminated": ended}
        self._write(run)
        shown = f"Back-off restarting failed container {container.name} in pod {where}"
        self._warn(run, container, "BackOff", shown)

    def _restart(self, run: Run, container: Container, ended: Object, image: Image) -> None:
        container.restarts += 1
        container.last = {"terminated": ended}
        text = f'Container image "{container.image}" already present on machine'
        self._tell(run, container, "Pulled", text)
        self._start(run, container, image)

    def _stop(self, run: Run) -> None:
        if run.stopping:
            return
        run.stopping = True
        for container in run.containers:
            if container.started:
                self._tell(run, container, "Killing", f"Stopping container {container.name}")
        self._clock.later(STOPPED, self._remove, run)

    def _remove(self, run: Run) -> None:
        if self._runs.get(run.uid) is not run:
            return
        pod = self._pod(run)
        ended = pod["metadata"] | {"deletionTimestamp": times.stamp(), "deletionGracePeriodSeconds": 0}
        self._store.update(PODS, pod | {"metadata": ended})
        self._store.delete(PODS, run.namespace, run.name)

    def _write(self, run: Run) -> None:
        pod = self._pod(run)
        status = podstatus.running(pod, run.containers, run.host, run.address)
        self._store.update(PODS, pod | {"status": status})

    def _tell(self, run: Run, container: Container, reason: str, text: str) -> None:
        field = f"spec.containers{{{container.name}}}"
        self._recorder.normal(Source("kubelet", run.node), PODS, self._pod(run), reason, text, field)

    def _warn(self, run: Run, container: Container, reason: str, text: str) -> None:
        field = f"spec.containers{{{container.name}}}"
        self._recorder.warning(Source("kubelet", run.node), PODS, self._pod(run), reason, text, field)


def _backoff(failures: int) -> float:
    """10 s, doubled with each failure, at most 5 minutes (kubernetes.io/docs: Container restart policy)."""
    return float(min(BACKOFF_LONGEST, BACKOFF_FIRST * 2 ** (failures - 1)))


def _go_duration(seconds: float) -> str:
    minutes, rest = divmod(int(seconds), 60)
    return f"{minutes}m{rest}s" if minutes else f"{rest}s"
