"""Jenkins: builds are triggered, found again, followed and explained.

Rules of Jenkins this relies on: a queue item is forgotten 5 minutes after it left the queue, but a build
keeps its `queueId`; identical queued items are merged, which the operation parameter prevents.
"""

from __future__ import annotations

import json
import logging
import re
import time
from collections.abc import Callable, Collection, Mapping
from email.utils import parsedate_to_datetime
from threading import Event
from typing import Any
from urllib.parse import quote, urlsplit

import requests
from jenkins import Jenkins as Client
from jenkins import JenkinsException, NotFoundException, TimeoutException

from bot.excerpt import console_excerpt
from bot.faults import Failed, Refused, Unavailable
from bot.language import N_, _
from bot.ports import Built, Seen, Taken, Tell, Topic
from bot.retrying import again_when_reading
from bot.words import duration
from integrations.jenkins_builds import BUILT_TREE, built
from integrations.jenkins_builds import parameters as _parameters
from integrations.jenkins_builds import revision as _revision
from integrations.jenkins_console import by_its_ends
from integrations.jenkins_found import declared, item_id, may_be, only
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
COUNTDOWN = re.compile(r"\.? Expires in [^.]*(\.\d+[^.]*)?|\s*\(ETA:[^)]*\)")
CLOCKS_APART = 30.0
"""Seconds by which Jenkins' clock may differ from ours, where it does not say what it shows."""


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
    ) -> None:
        self._name = name
        self._url = url.rstrip("/") + "/"
        self._user = user
        self._poll = poll_seconds
        self._client = Client(self._url, user, token, timeout=timeout)
        self._stages = Stages(self._described)

    # -- acts

    def trigger(self, job: str, parameters: Mapping[str, str]) -> int:
        """Not idempotent. Raises Unavailable also when it may have been applied: `find` it then."""
        return int(self._call(_("job {job}", job=job), lambda: self._client.build_job(job, dict(parameters))))

    def find(
        self, job: str, parameters: Mapping[str, str], key: str, since: float, taken: Taken
    ) -> int | None:
        """Looks in the queue and in the last 50 builds."""
        queue = self._get("queue/api/json", QUEUE_TREE).get("items", [])
        recent = self._get(_path(job) + "api/json", RECENT_TREE)
        asked = [item for item in queue if item.get("task", {}).get("url", "").endswith(_path(job))]
        asked += recent.get("builds", [])
        if key in declared(recent):
            ours = (thing for thing in asked if _parameters(thing).get(key) == parameters[key])
            return next((item_id(thing) for thing in ours), None)
        free = [
            t for t in asked if item_id(t) not in taken.queue_ids and t.get("number") not in taken.numbers
        ]
        earliest = since + self._ahead()
        return only(job, [t for t in free if may_be(t, parameters, key, self._user, earliest)])

    def cancel(self, job: str, queue_id: int) -> str:
        """A pipeline leaves the queue at once, a freestyle job waits in it: either may be found."""
        seen = self._look_queue(job, queue_id)
        if not seen.done:
            self._post(f"queue/cancelItem?id={queue_id}")
            return _("The build was taken out of Jenkins' queue.")
        if seen.failure:
            return ""
        return self.stop(job, seen.value["number"])

    def stop(self, job: str, number: int) -> str:
        if not self._get(f"{_path(job)}{number}/api/json", "building").get("building"):
            return ""
        self._post(f"{_path(job)}{number}/stop")
        return _("Build #{build} was stopped.", build=number)

    def build(self, job: str, number: int) -> Built | None:
        try:
            return built(self._get(f"{_path(job)}{number}/api/json", BUILT_TREE))
        except Refused:
            return None

    def builds(self, job: str, most: int) -> list[Built]:
        known = self._get(_path(job) + "api/json", f"builds[{BUILT_TREE}]{{0,{most}}}")
        return [built(build) for build in known.get("builds", ())]

    def console(self, job: str, number: int) -> str:
        return self._console(job, number)

    def artifact(self, job: str, number: int, path: str) -> str:
        address = f"{_path(job)}{number}/artifact/{quote(path)}"
        what = _("artifact {path} of {job} #{build}", path=path, job=job, build=number)
        text: str = self._call(what, lambda: self._open(address))
        return text.strip()

    # -- topics

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
            queue = {int(item["id"]): item for item in self._get("queue/api/json", QUEUE_TREE)["items"]}
        running = self._running()
        started = {build["queueId"]: build for build in running.values()}
        ours = {f"{_path(topic.args[0])}{topic.args[1]}/" for topic in wanted if topic.kind == "building"}
        self._stages.look(ours & running.keys())
        for topic in wanted:
            job, number = topic.args[0], int(topic.args[1])
            path = f"{_path(job)}{number}/"
            if topic.kind == "queued" and number in queue:
                tell(topic, _in_queue(queue[number]))
            elif topic.kind == "queued" and number in started:
                tell(topic, _started(started[number]))
            elif topic.kind == "building" and path in running:
                tell(topic, _in_progress(number, self._stages.of(path), running[path]))
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
        computers = self._get("computer/api/json", RUNNING_TREE).get("computer", [])
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
            item = self._get(f"queue/item/{queue_id}/api/json")
        except Refused:
            return self._look_forgotten(job, queue_id)
        if item.get("cancelled"):
            return Seen(done=True, failure=_("The build was taken out of Jenkins' queue by somebody."))
        return _started(item["executable"]) if item.get("executable") else _in_queue(item)

    def _look_forgotten(self, job: str, queue_id: int) -> Seen:
        builds = self._get(_path(job) + "api/json", "builds[number,url,queueId]{0,100}").get("builds", [])
        build = next((build for build in builds if build["queueId"] == queue_id), None)
        if build is None:
            lost = _("Jenkins no longer knows queue item {item} of {job}.", item=queue_id, job=job)
            return Seen(done=True, failure=lost)
        return _started(build)

    def _look_build(self, job: str, number: int) -> Seen:
        build = self._get(f"{_path(job)}{number}/api/json", BUILD_TREE)
        if build.get("building") or build.get("result") is None:
            return _in_progress(number)
        if build["result"] == "SUCCESS":
            return Seen(done=True, value=_built(build))
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
        stages: list[dict[str, Any]] = self._get(f"{path}wfapi/describe").get("stages", [])
        return stages

    def _console(self, job: str, number: int) -> str:
        """What is worth reading of it."""
        address = f"{self._url}{_path(job)}{number}/logText/progressiveText"

        def begin(start: int) -> requests.Response:
            request = requests.Request("GET", address, params={"start": start})
            response: requests.Response = self._client.jenkins_request(request, add_crumb=False, stream=True)
            return response

        text: str = self._call(
            _("console of {job} #{build}", job=job, build=number), lambda: by_its_ends(begin)
        )
        return text

    # -- transport

    def _ahead(self) -> float:
        """At least so many seconds Jenkins' clock is ahead of ours, by the Date of an answer, cut to seconds."""
        request = requests.Request("GET", f"{self._url}api/json", params={"tree": "mode"})
        response = self._call(_("its clock"), lambda: self._client.jenkins_request(request, add_crumb=False))
        try:
            theirs = parsedate_to_datetime(response.headers.get("Date", ""))
        except ValueError:
            return -CLOCKS_APART
        return theirs.timestamp() - time.time()

    @again_when_reading
    def _get(self, path: str, tree: str = "") -> dict[str, Any]:
        text = self._call(
            path.removesuffix("/api/json"), lambda: self._open(path, {"tree": tree} if tree else {})
        )
        try:
            answer: dict[str, Any] = json.loads(text)
        except ValueError:
            raise Unavailable("Jenkins", _("answered with something that is not JSON")) from None
        return answer

    def _post(self, path: str) -> None:
        """404 is as good as done: what was to be ended is gone."""
        request = requests.Request("POST", self._url + path)
        try:
            self._call(path, lambda: self._client.jenkins_open(request))
        except Refused:
            log.info("%s: nothing to end at %s", self._name, path)

    def _open(self, path: str, parameters: dict[str, str] | None = None) -> str:
        request = requests.Request("GET", self._url + path, params=parameters or {})
        text: str = self._client.jenkins_open(request, add_crumb=False)
        return text

    def _call(self, what: str, do: Callable[[], Any]) -> Any:
        """Run one call and turn the client's errors into ours. python-jenkins hides the HTTP status."""
        try:
            return do()
        except (NotFoundException, requests.HTTPError, JenkinsException) as error:
            raise self._meaning(what, _status(error)) from None
        except requests.Timeout:
            raise Unavailable("Jenkins", _("did not answer in time")) from None
        except requests.RequestException:
            raise Unavailable("Jenkins", _("cannot be reached")) from None

    def _meaning(self, what: str, status: int | None) -> Exception:
        match status:
            case 401:
                return Failed(
                    _(
                        "Jenkins ({name}) does not accept Shipmate's credentials (401). "
                        "Operations: check `user` and `token` in shipmate.yaml.",
                        name=self._name,
                    )
                )
            case 403:
                return Failed(_("Shipmate's Jenkins user has no permission for {what} (403).", what=what))
            case 404:
                return Refused(
                    _("Jenkins ({name}) has no {what}.", name=self._name, what=what),
                    _("Is its name right in shipmate.yaml?"),
                )
            case 400 | 409:
                refused = N_("Jenkins did not accept the request for {what} ({status}).")
                return Failed(_(refused, what=what, status=status))
            case None:
                return Unavailable("Jenkins", _("did not answer in time"))
            case _:
                return Unavailable("Jenkins", _("answered {status}", status=status))


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


def _status(error: BaseException) -> int | None:
    """The HTTP status behind an error of python-jenkins; None for a timeout."""
    if isinstance(error, TimeoutException):
        return None
    if isinstance(error, NotFoundException):
        return 404
    source = error if isinstance(error, requests.HTTPError) else error.__context__
    response = getattr(source, "response", None)
    return int(response.status_code) if response is not None else 502


def _in_queue(item: Mapping[str, Any]) -> Seen:
    return Seen(done=False, progress=_queue_words(item.get("why")))


def _queue_words(why: str | None) -> str:
    """Without Jenkins' countdowns: "Expires in 3.2 sec" and "(ETA: 2 min 1 sec)" would be news at every look."""
    lasting = COUNTDOWN.sub("", why or "").strip(" .")
    return _("in Jenkins' queue: {why}", why=lasting) if lasting else _("in Jenkins' queue")


def _started(build: Mapping[str, Any]) -> Seen:
    return Seen(done=True, value={"number": build["number"], "url": build["url"]})


def _in_progress(number: int, stage: str = "", build: Mapping[str, Any] | None = None) -> Seen:
    """Jenkins' own estimate is in milliseconds; -1: it has none."""
    usual = max(0, (build or {}).get("estimatedDuration") or 0) / 1000
    if stage:
        return Seen(
            done=False, progress=_("build #{number}: {stage}", number=number, stage=stage), usual=usual
        )
    return Seen(done=False, progress=_("build #{number} is running", number=number), usual=usual)


def _built(build: Mapping[str, Any]) -> dict[str, Any]:
    return {
        "number": build["number"],
        "url": build["url"],
        "revision": _revision(build),
        "parameters": _parameters(build),
    }
