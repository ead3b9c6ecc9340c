"""Scheduler and kubelets: what becomes of a pod from its creation to its end."""

from __future__ import annotations

from sandbox.images import Images
from sandbox.kubernetes import fates, nodes, podstatus, times
from sandbox.kubernetes.clock import Clock
from sandbox.kubernetes.containers import Containers
from sandbox.kubernetes.pods import Logs
from sandbox.kubernetes.podstatus import Container
from sandbox.kubernetes.recorder import Recorder, Source
from sandbox.kubernetes.resources import NODES, PODS, Object
from sandbox.kubernetes.runs import Run, Runs
from sandbox.kubernetes.scheduler import Scheduler
from sandbox.kubernetes.store import Change, Store

SCHEDULED, CREATED, STOPPED = 0.06, 0.01, 1.0
"""Lifelike seconds that each step takes."""
MOUNT_LONGEST = 122.0
"""Seconds between two tries to mount a volume at most (kubernetes/pkg/util/goroutinemap/exponentialbackoff)."""
_SCHEDULER = Source("default-scheduler")


class Kubelet:
    """Moves pods along with timers; nothing is polled."""

    def __init__(
        self, store: Store, clock: Clock, recorder: Recorder, logs: Logs, images: Images, chatter_every: float
    ) -> None:
        self._store = store
        self._clock = clock
        self._recorder = recorder
        self._logs = logs
        self._scheduler = Scheduler(store)
        self._runs = Runs(store, clock, recorder)
        self._containers = Containers(self._runs, logs, images, chatter_every)
        self._pending: dict[str, Run] = {}
        """Pods that fitted nowhere; tried again when room may have been made."""
        self._addresses = 0

    def clear(self) -> None:
        self._runs.known.clear()
        self._pending.clear()
        self._scheduler.clear()

    def observe(self, change: Change) -> None:
        self._scheduler.observe(change)
        if change.resource is PODS:
            self._observe_pod(change.kind, change.item)
        if change.resource is NODES or (change.resource is PODS and change.kind == "DELETED"):
            pending, self._pending = self._pending, {}
            for run in pending.values():
                self._runs.after(SCHEDULED, run, self._schedule)

    def _observe_pod(self, kind: str, pod: Object) -> None:
        metadata = pod["metadata"]
        if kind == "ADDED":
            self._addresses += 1
            address = f"10.244.{self._addresses // 250 % 250}.{self._addresses % 250 + 2}"
            run = Run(metadata["uid"], metadata["namespace"], metadata["name"], address)
            self._runs.known[run.uid] = run
            self._runs.after(SCHEDULED, run, self._schedule)
        elif kind == "DELETED":
            self._runs.known.pop(metadata["uid"], None)
            self._logs.forget(metadata["uid"])
        elif "deletionTimestamp" in metadata:
            self._stop(self._runs.known[metadata["uid"]])

    def _schedule(self, run: Run) -> None:
        pod = self._runs.pod(run)
        node, why = self._scheduler.choose(pod)
        if node is None:
            self._pending[run.uid] = run
            self._store.update(PODS, pod | {"status": podstatus.unschedulable(pod, why)})
            self._recorder.warning(_SCHEDULER, PODS, pod, "FailedScheduling", why)
            return
        run.node, run.host = node["metadata"]["name"], nodes.address(node)
        bound = pod | {"spec": pod["spec"] | {"nodeName": run.node}}
        pod = self._store.update(PODS, bound | {"status": podstatus.scheduled(bound)})
        text = f"Successfully assigned {run.namespace}/{run.name} to {run.node}"
        self._recorder.normal(_SCHEDULER, PODS, pod, "Scheduled", text)
        self._runs.after(CREATED, run, self._take_on)

    def _take_on(self, run: Run) -> None:
        pod = self._runs.pod(run)
        first = pod["spec"].get("initContainers", ())
        state = podstatus.INITIALIZING if first else podstatus.CREATING
        run.before = [Container(each["name"], each["image"], dict(state)) for each in first]
        run.containers = [
            Container(each["name"], each["image"], dict(state)) for each in pod["spec"]["containers"]
        ]
        self._runs.write(run)
        self._mount(run, 1.0)

    def _mount(self, run: Run, pause: float) -> None:
        """Containers begin when the pod's volumes are there; tried again after pauses that grow."""
        pod = self._runs.pod(run)
        if why := fates.missing_volume(pod["spec"]):
            self._recorder.warning(Source("kubelet", run.node), PODS, pod, "FailedMount", why)
            self._runs.after(pause, run, lambda run: self._mount(run, min(2 * pause, MOUNT_LONGEST)))
            return
        self._containers.go_on(run)

    def _stop(self, run: Run) -> None:
        if run.stopping:
            return
        run.stopping = True
        for container in (*run.before, *run.containers):
            if container.started:
                self._runs.tell(run, container, "Killing", f"Stopping container {container.name}")
        self._clock.later(STOPPED, self._remove, run)

    def _remove(self, run: Run) -> None:
        if self._runs.known.get(run.uid) is not run:
            return
        pod = self._runs.pod(run)
        ended = pod["metadata"] | {"deletionTimestamp": times.stamp(), "deletionGracePeriodSeconds": 0}
        self._store.update(PODS, pod | {"metadata": ended})
        self._store.delete(PODS, run.namespace, run.name)
