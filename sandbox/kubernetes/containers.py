"""The life of a container: pulled, started, probed, crashed and started again (kubernetes/pkg/kubelet)."""

from __future__ import annotations

import random
import re
import secrets
from functools import partial

from sandbox.images import Image, Images
from sandbox.kubernetes import chatter, fates, times
from sandbox.kubernetes.fates import FATES, Fate
from sandbox.kubernetes.pods import Logs
from sandbox.kubernetes.podstatus import Container
from sandbox.kubernetes.resources import Object
from sandbox.kubernetes.runs import Run, Runs

STARTED, CRASHED, KILLED, INIT = 1.15, 0.5, 1.0, 0.5
"""Lifelike seconds that each step takes: a pod is ready about 2 s after it was created."""
SPREAD = 0.15
"""Pods made together become ready up to this many lifelike seconds apart."""
BACKOFF_FIRST, BACKOFF_LONGEST = 10.0, 300.0

_REFERENCE = re.compile(
    r"^([\w.-]+(:\d+)?/)?[a-z0-9]+(([._]|__|-+|/)[a-z0-9]+)*(:\w[\w.-]{0,127})?(@sha256:[0-9a-f]{64})?$"
)
"""github.com/distribution/reference, near enough to tell a reference from none."""
_PROBE = {"periodSeconds": 10, "failureThreshold": 3}


class Containers:
    """Moves the containers of pods along with timers; nothing is polled. An event comes before the status that
    it explains, as from a kubelet that reports the status of a pod when it is through with it."""

    def __init__(self, runs: Runs, logs: Logs, images: Images, chatter_every: float) -> None:
        self._runs = runs
        self._logs = logs
        self._images = images
        self._chatter_every = chatter_every
        self._random = random.Random(7)

    def go_on(self, run: Run) -> None:
        """Begin the next init container, or when all have ended well the others."""
        waiting = next((container for container in run.before if not container.ready), None)
        for container in [waiting] if waiting else run.containers:
            self.begin(run, container)

    def begin(self, run: Run, container: Container) -> None:
        """Pull its image and go on from there."""
        if not _REFERENCE.match(container.image):
            self._refuse_name(run, container)
            return
        self._runs.tell(run, container, "Pulling", f'Pulling image "{container.image}"')
        image = self._images.find(container.image)
        fate = FATES[image.behaviour if image else "missing"]
        self._runs.after(fate.pulled, run, lambda run: self._pulled(run, container, image, fate))

    def _pulled(self, run: Run, container: Container, image: Image | None, fate: Fate) -> None:
        if image is None or fate.pull:
            registry = container.image.partition("/")[0]
            self._fail_pull(run, container, fate.pull.format(image=container.image, registry=registry))
            return
        took = f"{round(fate.pulled * 1000)}ms"
        text = f'Successfully pulled image "{container.image}" in {took} ({took} including waiting).'
        self._runs.tell(run, container, "Pulled", f"{text} Image size: 23456789 bytes.")
        container.failed_pulls = 0
        repository = container.image.split("@")[0].rsplit(":", 1)[0]
        container.image_id = f"{repository}@{image.digest}"
        self._create(run, container, image)

    def _create(self, run: Run, container: Container, image: Image) -> None:
        fate = FATES[image.behaviour]
        if missing := fates.missing_configuration(self._runs.spec(run, container)):
            self._refuse(run, container, "CreateContainerConfigError", missing)
            return
        if fate.refused:
            self._refuse(run, container, fate.refusal, fate.refused.format(container=container.name))
            return
        delay = STARTED + self._random.uniform(0, SPREAD)
        self._runs.after(delay, run, lambda run: self._start(run, container, image))

    def _refuse_name(self, run: Run, container: Container) -> None:
        text = (
            f'Failed to apply default image tag "{container.image}": '
            f'couldn\'t parse image name "{container.image}": invalid reference format'
        )
        self._runs.warn(run, container, "InspectFailed", text)
        self._runs.warn(run, container, "Failed", "Error: InvalidImageName")
        self._wait(run, container, "InvalidImageName", text)

    def _refuse(self, run: Run, container: Container, reason: str, why: str) -> None:
        """Tried again with every sync of the pod; nothing in this cluster makes it succeed."""
        self._runs.warn(run, container, "Failed", f"Error: {why}")
        self._wait(run, container, reason, why)
        self._runs.after(12.0, run, lambda run: self._refuse(run, container, reason, why))

    def _fail_pull(self, run: Run, container: Container, why: str) -> None:
        """ErrImagePull, a moment later ImagePullBackOff, then the next try."""
        self._runs.warn(run, container, "Failed", f'Failed to pull image "{container.image}": {why}')
        self._runs.warn(run, container, "Failed", "Error: ErrImagePull")
        self._wait(run, container, "ErrImagePull", why)
        container.failed_pulls += 1
        wait = _backoff(container.failed_pulls)
        self._runs.after(1.0, run, lambda run: self._back_off_pull(run, container, why))
        self._runs.after(1.0 + wait, run, lambda run: self.begin(run, container))

    def _back_off_pull(self, run: Run, container: Container, why: str) -> None:
        text = f'Back-off pulling image "{container.image}"'
        self._runs.tell(run, container, "BackOff", text)
        self._runs.warn(run, container, "Failed", "Error: ImagePullBackOff")
        self._wait(run, container, "ImagePullBackOff", f"{text}: ErrImagePull: {why}")

    def _wait(self, run: Run, container: Container, reason: str, message: str) -> None:
        container.state = {"waiting": {"reason": reason, "message": message}}
        self._runs.write(run)

    def _start(self, run: Run, container: Container, image: Image) -> None:
        pod, fate = self._runs.pod(run), FATES[image.behaviour]
        container.container_id = f"containerd://{secrets.token_hex(32)}"
        container.state = {"running": {"startedAt": times.stamp()}}
        container.started, container.starting = True, bool(fate.startup)
        container.starts += 1
        self._logs.begin(pod, container.name)
        for line in image.log:
            self._logs.print(pod, container.name, line.replace("{start}", str(container.starts)))
        first = container in run.before
        container.ready = fate.exit_code is None and not fate.readiness and not first
        self._runs.write(run)
        self._runs.tell(run, container, "Created", "Container created")
        self._runs.tell(run, container, "Started", "Container started")
        if first and not fate.exit_code:
            self._runs.after(INIT, run, lambda run: self._finish(run, container))
        elif fate.exit_code is not None:
            code, reason = fate.exit_code, fate.exit_reason
            self._runs.after(CRASHED, run, lambda run: self._end(run, container, image, code, reason))
        else:
            self._live(run, container, image, fate)

    def _finish(self, run: Run, container: Container) -> None:
        """An init container has done its work: the next one's turn."""
        container.state = _ended(container, 0, "Completed")
        container.started, container.ready = False, True
        self._runs.write(run)
        self.go_on(run)

    def _live(self, run: Run, container: Container, image: Image, fate: Fate) -> None:
        if fate.readiness and not fate.startup:
            self._runs.after(1.0, run, lambda run: self._unready(run, container, fate, container.starts))
        for kind, why in (("liveness", fate.liveness), ("startup", fate.startup)):
            if why:
                dying = partial(self._dying, container=container, image=image, kind=kind, why=why)
                self._runs.after(1.0, run, dying)
        if not fate.readiness and self._chatter_every:
            self._talk(run, container)

    def _unready(self, run: Run, container: Container, fate: Fate, start: int) -> None:
        """The readiness probe fails again and again, until this start of the container is over."""
        if container.starts != start or not container.started:
            return
        why = fate.readiness.format(address=run.address)
        self._runs.warn(run, container, "Unhealthy", f"Readiness probe failed: {why}")
        period = self._probe(run, container, "readinessProbe")["periodSeconds"]
        self._runs.after(period, run, lambda run: self._unready(run, container, fate, start))

    def _dying(
        self, run: Run, container: Container, image: Image, kind: str, why: str, failures: int = 1
    ) -> None:
        """A probe fails; often enough, and the container is killed and started again."""
        told = why.format(address=run.address)
        self._runs.warn(run, container, "Unhealthy", f"{kind.capitalize()} probe failed: {told}")
        probe = self._probe(run, container, f"{kind}Probe")
        if failures < probe["failureThreshold"]:
            again = partial(self._dying, container=container, image=image, kind=kind, why=why)
            self._runs.after(probe["periodSeconds"], run, partial(again, failures=failures + 1))
            return
        text = f"Container {container.name} failed {kind} probe, will be restarted"
        self._runs.tell(run, container, "Killing", text)
        self._runs.after(KILLED, run, lambda run: self._end(run, container, image, 137, "Error"))

    def _probe(self, run: Run, container: Container, kind: str) -> dict[str, int]:
        given = self._runs.spec(run, container).get(kind) or {}
        return {name: int(given.get(name, usual)) for name, usual in _PROBE.items()}

    def _talk(self, run: Run, container: Container) -> None:
        """The next line of a working container, and the ones after it."""
        wait = self._random.uniform(0.3, 1.7) * self._chatter_every

        def speak(run: Run) -> None:
            level, message = chatter.line(self._random, container.name)
            self._logs.print(self._runs.pod(run), container.name, message, level)
            self._talk(run, container)

        self._runs.after(wait, run, speak)

    def _end(self, run: Run, container: Container, image: Image, code: int, reason: str) -> None:
        """It ended; the first time it is started again at once, then after a growing back-off."""
        ended = _ended(container, code, reason)
        container.ready = container.started = False
        container.state = ended
        container.crashes += 1
        self._runs.write(run)
        wait = _backoff(container.crashes - 1) if container.crashes > 1 else 0.0
        if wait:
            self._runs.after(0.2, run, lambda run: self._wait_to_restart(run, container, ended, wait))
        self._runs.after(0.5 + wait, run, lambda run: self._restart(run, container, ended, image))

    def _wait_to_restart(self, run: Run, container: Container, ended: Object, wait: float) -> None:
        text = f"back-off {_go_duration(wait)} restarting failed container={container.name} pod={run.shown}"
        shown = f"Back-off restarting failed container {container.name} in pod {run.shown}"
        self._runs.warn(run, container, "BackOff", shown)
        container.last = ended
        self._wait(run, container, "CrashLoopBackOff", text)

    def _restart(self, run: Run, container: Container, ended: Object, image: Image) -> None:
        container.restarts += 1
        container.last = ended
        text = f'Container image "{container.image}" already present on machine'
        self._runs.tell(run, container, "Pulled", text)
        self._start(run, container, image)


def _ended(container: Container, code: int, reason: str) -> Object:
    """State of a container that ran until now."""
    ended = {"exitCode": code, "reason": reason, "startedAt": container.state["running"]["startedAt"]}
    return {"terminated": ended | {"finishedAt": times.stamp(), "containerID": container.container_id}}


def _backoff(failures: int) -> float:
    """10 s, doubled with each failure, at most 5 minutes (kubernetes.io/docs: Container restart policy)."""
    return float(min(BACKOFF_LONGEST, BACKOFF_FIRST * 2 ** (failures - 1)))


def _go_duration(seconds: float) -> str:
    minutes, rest = divmod(int(seconds), 60)
    return f"{minutes}m{rest}s" if minutes else f"{rest}s"
