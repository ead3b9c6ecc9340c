"""Jenkins: builds are triggered, found again, followed and explained.

Rules of Jenkins this relies on: a queue item is forgotten 5 minutes after it left the queue, but a build
keeps its `queueId`; identical queued items are merged, which the operation parameter prevents.
"""

from __future__ import annotations

import logging
from collections.abc import Callable, Collection, Mapping
from threading import Event
from typing import Any
from urllib.parse import quote, urlsplit

import requests

from bot.excerpt import console_excerpt
from bot.faults import Failed, Refused, Unavailable
from bot.language import N_, _
from bot.ports import Built, Seen, Taken, Tell, Topic
from bot.words import duration
from integrations.jenkins_builds import BUILT_TREE, built
from integrations.jenkins_builds import parameters as _parameters
from integrations.jenkins_console import by_its_ends
from integrations.jenkins_found import declared, item_id, may_be, only
from integrations.jenkins_http import JenkinsHttp
from integrations.jenkins_seen import built_value, in_progress, in_queue, started_as
from integrations.jenkins_stages import Stages

log = logging.getLogger(__name__)

BUILD_TREE = (
    "number,url,building,result,duration,queueId,"
    "actions[parameters[name,value],lastBuiltRevision[SHA1]],changeSet[revisions[revision]],"
    "changeSets[revisions[revision]]"
)
RUNNING_TREE = (
    "computer[executors[currentExecutable[url,number,queueId,estimatedDuration]],"
    "oneOffExecutors[currentExecutable[url,number,queueId,estimatedDuration]]]"
)
ASKED_TREE = "actions[parameters[name,value],causes[userId]]"
RECENT_TREE = (
    "property[parameterDefinitions[name]],actions[parameterDefinitions[name]],"
    f"builds[number,queueId,timestamp,{ASKED_TREE}]{{0,50}}"
)
QUEUE_TREE = f"items[id,why,inQueueSince,task[url],{ASKED_TREE}]"


class Jenkins:
    """`timeout` in seconds for each call; `poll_seconds` between two looks at everything in flight."""

    def __init__(
        self,
        name: str,
        url: str,
        user: str | None,
        token: str | None,
        timeout: float = 10,
        poll_seconds: float = 1,
        ca: str | None = None,
    ) -> None:
        self._name = name
        self._user = user
        self._poll = poll_seconds
        self._http = JenkinsHttp(name, url, user, token, timeout, ca)
        self._stages = Stages(self._described)

    def trigger(self, job: str, parameters: Mapping[str, str]) -> int:
        """Not idempotent. Raises Unavailable also when it may have been applied: `find` it then."""
        return int(
            self._http.call(
                _("job {job}", job=job), lambda: self._http.client.build_job(job, dict(parameters))
            )
        )

    def find(
        self, job: str, parameters: Mapping[str, str], key: str, since: float, taken: Taken
    ) -> int | None:
        """Looks in the queue and in the last 50 builds."""
        queue = self._http.get("queue/api/json", QUEUE_TREE).get("items", [])
        recent = self._http.get(_path(job) + "api/json", RECENT_TREE)
        asked = [item for item in queue if item.get("task", {}).get("url", "").endswith(_path(job))]
        asked += recent.get("builds", [])
        if key in declared(recent):
            ours = (thing for thing in asked if _parameters(thing).get(key) == parameters[key])
            return next((item_id(thing) for thing in ours), None)
        free = [
            t for t in asked if item_id(t) not in taken.queue_ids and t.get("number") not in taken.numbers
        ]
        earliest = since + self._http.ahead()
        return only(job, [t for t in free if may_be(t, parameters, key, self._user, earliest)])

    def cancel(self, job: str, queue_id: int) -> str:
        """A pipeline leaves the queue at once, a freestyle job waits in it: either may be found."""
        seen = self._look_queue(job, queue_id)
        if not seen.done:
            self._http.post(f"queue/cancelItem?id={queue_id}")
            return _("The build was taken out of Jenkins' queue.")
        if seen.failure:
            return ""
        return self.stop(job, seen.value["number"])

    def stop(self, job: str, number: int) -> str:
        if not self._http.get(f"{_path(job)}{number}/api/json", "building").get("building"):
            return ""
        self._http.post(f"{_path(job)}{number}/stop")
        return _("Build #{build} was stopped.", build=number)

    def build(self, job: str, number: int) -> Built | None:
        try:
            return built(self._http.get(f"{_path(job)}{number}/api/json", BUILT_TREE))
        except Refused:
            return None

    def builds(self, job: str, most: int) -> list[Built]:
        known = self._http.get(_path(job) + "api/json", f"builds[{BUILT_TREE}]{{0,{most}}}")
        return [built(build) for build in known.get("builds", ())]

    def console(self, job: str, number: int) -> str:
        return self._console(job, number)

    def artifact(self, job: str, number: int, path: str) -> str:
        address = f"{_path(job)}{number}/artifact/{quote(path)}"
        what = _("artifact {path} of {job} #{build}", path=path, job=job, build=number)
        text: str = self._http.call(what, lambda: self._http.open(address))
        return text.strip()

    def queued(self, job: str, queue_id: int) -> Topic:
        return Topic("jenkins", self._name, "queued", (job, str(queue_id)))

    def building(self, job: str, number: int) -> Topic:
        return Topic("jenkins", self._name, "building", (job, str(number)))

    def look(self, topic: Topic) -> Seen:
        job, number = topic.args[0], int(topic.args[1])
        return self._look_queue(job, number) if topic.kind == "queued" else self._look_build(job, number)

    def watch(self, topics: Callable[[], Collection[Topic]], tell: Tell, stop: Event) -> None:
        """One query for all running builds, one for the queue, however many operations wait."""
        while not stop.wait(self._poll):
            wanted = topics()
            if not wanted:
                continue
            try:
                self._survey(wanted, tell)
            except Unavailable as trouble:
                for topic in wanted:
                    tell(topic, Seen(done=False, trouble=trouble.words))
            except (Refused, Failed) as trouble:
                log.warning("%s: %s", self._name, trouble)

    def _survey(self, wanted: Collection[Topic], tell: Tell) -> None:
        queue = {}
        if any(topic.kind == "queued" for topic in wanted):
            queue = {int(item["id"]): item for item in self._http.get("queue/api/json", QUEUE_TREE)["items"]}
        running = self._running()
        started = {build["queueId"]: build for build in running.values()}
        ours = {f"{_path(topic.args[0])}{topic.args[1]}/" for topic in wanted if topic.kind == "building"}
        self._stages.look(ours & running.keys())
        for topic in wanted:
            job, number = topic.args[0], int(topic.args[1])
            path = f"{_path(job)}{number}/"
            if topic.kind == "queued" and number in queue:
                tell(topic, in_queue(queue[number]))
            elif topic.kind == "queued" and number in started:
                tell(topic, started_as(started[number]))
            elif topic.kind == "building" and path in running:
                tell(topic, in_progress(number, self._stages.of(path), running[path]))
            else:
                tell(topic, self._looked(topic))

    def _looked(self, topic: Topic) -> Seen:
        """One that is in trouble must not keep the news from the others."""
        try:
            return self.look(topic)
        except Unavailable as trouble:
            return Seen(done=False, trouble=trouble.words)
        except (Refused, Failed) as end:
            return Seen(done=True, failure=str(end))

    def _running(self) -> dict[str, dict[str, Any]]:
        """Path of a running build ("job/web-build/42/") -> what Jenkins says of it."""
        computers = self._http.get("computer/api/json", RUNNING_TREE).get("computer", [])
        executors = [
            executor
            for computer in computers
            for executor in (*computer.get("executors", ()), *computer.get("oneOffExecutors", ()))
        ]
        builds = [executor.get("currentExecutable") for executor in executors]
        return {self._relative(build["url"]): build for build in builds if build and "url" in build}

    def _relative(self, url: str) -> str:
        """Jenkins writes addresses with its own idea of its root, which need not be ours."""
        path = urlsplit(url).path
        return path[path.find("job/") :]

    def _look_queue(self, job: str, queue_id: int) -> Seen:
        try:
            item = self._http.get(f"queue/item/{queue_id}/api/json")
        except Refused:
            return self._look_forgotten(job, queue_id)
        if item.get("cancelled"):
            return Seen(done=True, failure=_("The build was taken out of Jenkins' queue by somebody."))
        return started_as(item["executable"]) if item.get("executable") else in_queue(item)

    def _look_forgotten(self, job: str, queue_id: int) -> Seen:
        builds = self._http.get(_path(job) + "api/json", "builds[number,url,queueId]{0,100}").get(
            "builds", []
        )
        build = next((build for build in builds if build["queueId"] == queue_id), None)
        if build is None:
            lost = _("Jenkins no longer knows queue item {item} of {job}.", item=queue_id, job=job)
            return Seen(done=True, failure=lost)
        return started_as(build)

    def _look_build(self, job: str, number: int) -> Seen:
        build = self._http.get(f"{_path(job)}{number}/api/json", BUILD_TREE)
        if build.get("building") or build.get("result") is None:
            return in_progress(number)
        if build["result"] == "SUCCESS":
            return Seen(done=True, value=built_value(build))
        return self._explain(job, number, build)

    def _explain(self, job: str, number: int, build: dict[str, Any]) -> Seen:
        stage = self._failed_stage(job, number)
        said = _ENDED.get(build["result"], _ENDED["FAILURE"])[bool(stage)]
        took = duration(build.get("duration", 0) / 1000)
        lines = self._excerpt(job, number, stage)
        return Seen(True, failure=_(said, build=number, stage=stage, took=took), excerpt=tuple(lines))

    def _excerpt(self, job: str, number: int, stage: str) -> list[str]:
        """Without it the failure is still to be told."""
        try:
            return console_excerpt(self._console(job, number), stage=stage)
        except (Unavailable, Refused, Failed) as trouble:
            return [_("(The console cannot be read: {why})", why=str(trouble))]

    def _failed_stage(self, job: str, number: int) -> str:
        try:
            stages = self._described(f"{_path(job)}{number}/")
        except Refused:  # only pipeline jobs have stages
            return ""
        return next((str(stage["name"]) for stage in stages if stage["status"] == "FAILED"), "")

    def _described(self, path: str) -> list[dict[str, Any]]:
        stages: list[dict[str, Any]] = self._http.get(f"{path}wfapi/describe").get("stages", [])
        return stages

    def _console(self, job: str, number: int) -> str:
        """What is worth reading of it."""
        address = f"{self._http.url}{_path(job)}{number}/logText/progressiveText"

        def begin(start: int) -> requests.Response:
            request = requests.Request("GET", address, params={"start": start})
            response: requests.Response = self._http.client.jenkins_request(
                request, add_crumb=False, stream=True
            )
            return response

        text: str = self._http.call(
            _("console of {job} #{build}", job=job, build=number), lambda: by_its_ends(begin)
        )
        return text


_ENDED = {
    "ABORTED": (
        N_("Build #{build} was stopped in Jenkins after {took}."),
        N_("Build #{build} was stopped in Jenkins in stage {stage} after {took}."),
    ),
    "UNSTABLE": (
        N_("Build #{build} is unstable: tests failed after {took}."),
        N_("Build #{build} is unstable: tests failed in stage {stage} after {took}."),
    ),
    "FAILURE": (
        N_("Build #{build} failed after {took}."),
        N_("Build #{build} failed in stage {stage} after {took}."),
    ),
}
"""Jenkins' result -> how that is told, without and with the stage that failed."""


def _path(job: str) -> str:
    """`team/api-build` -> `job/team/job/api-build/`."""
    return "".join(f"job/{quote(part)}/" for part in job.split("/"))
