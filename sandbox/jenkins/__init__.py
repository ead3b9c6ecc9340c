"""The sandbox's Jenkins. `JenkinsServer` serves jobs that are data; `shop` holds the sample shop's."""

from sandbox.jenkins.build import Build
from sandbox.jenkins.controller import Trigger
from sandbox.jenkins.job import Failure, Job, Parameter, Rule, Script, Stage
from sandbox.jenkins.security import Account
from sandbox.jenkins.server import JenkinsServer

__all__ = [
    "Account",
    "Build",
    "Failure",
    "JenkinsServer",
    "Job",
    "Parameter",
    "Rule",
    "Script",
    "Stage",
    "Trigger",
]
