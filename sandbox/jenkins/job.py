"""What a Jenkins job is and what its builds do: data only. `shop.py` has examples."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass, field
from typing import Literal

from sandbox.images import Behaviour

Scm = Literal["svn", "git"]
Kind = Literal["freestyle", "pipeline"]
"""freestyle waits in the queue for an executor. pipeline leaves the queue at once and waits inside its build,
and is the only kind with stages under `wfapi/describe`, as in Jenkins."""
Result = Literal["SUCCESS", "UNSTABLE", "FAILURE", "ABORTED"]
Release = Callable[[str, Mapping[str, str]], Awaitable[None]]
"""Deploys an image (first argument) with the build's parameters (second)."""


@dataclass(frozen=True)
class Parameter:
    """A string parameter that a job declares; others are dropped when a build is asked for (SECURITY-170)."""

    name: str
    default: str = ""
    description: str = ""


@dataclass(frozen=True)
class Stage:
    """One stage: its length in seconds at pace 1, and the console lines it prints, spread over that time.

    Lines, like every template here, may hold `{NAME}`: a parameter, or one of PROJECT, LINE, REVISION
    (`r1841`, or seven digits of a git commit), COMMIT, JOB_NAME, BUILD_NUMBER, BUILD_URL, WORKSPACE, IMAGE,
    REPOSITORY, TAG, DIGEST.
    """

    name: str
    seconds: float
    console: tuple[str, ...] = ()


@dataclass(frozen=True)
class Failure:
    """How a build fails: in which stage, with which console lines. UNSTABLE goes on to the end."""

    stage: str
    console: tuple[str, ...]
    result: Literal["FAILURE", "UNSTABLE"] = "FAILURE"


@dataclass(frozen=True)
class Rule:
    """What is special about builds whose `parameter` is `value`: they fail, or their image misbehaves."""

    parameter: str
    value: str
    failure: Failure | None = None
    behaviour: Behaviour = "runs"
    log: tuple[str, ...] = ()
    """Lines that pods of the image print as they start."""
    pushes: bool = True
    """False: the build ends well, and its image is nowhere."""


@dataclass(frozen=True)
class Script:
    """What a build does. The first stage checks the project out, which its console shows by itself."""

    stages: tuple[Stage, ...]
    image: str = ""
    """Template of the image that is pushed at the end; empty: none."""
    artifacts: Mapping[str, str] = field(default_factory=dict)
    """Archived files: path in the workspace -> template of the content."""
    rules: tuple[Rule, ...] = ()
    on_release: Release | None = None
    """For jobs that deploy by themselves: awaited after the push, within the last stage. If it raises, the
    build fails with the exception's text in its console."""


@dataclass(frozen=True)
class Job:
    """A job as an administrator configured it. `full_name` holds its folders: `team/api-build`."""

    full_name: str
    project: str
    scm: Scm
    script: Script
    parameters: tuple[Parameter, ...] = ()
    kind: Kind = "freestyle"
    concurrent: bool = True
    """False: a build waits (BlockedItem) while another build of the job runs."""
