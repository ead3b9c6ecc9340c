"""What the cluster's own words for a state mean in plain ones, and how long each may last."""

from __future__ import annotations

import math
import re

from bot.language import N_

AT_ONCE, NEVER = 0.0, math.inf
PULL_GRACE = 12.0
"""The kubelet tries again after 10 s (its image back-off; kubernetes.io/docs/concepts/containers/images)."""
SCHEDULE_GRACE = 12.0
"""A cluster autoscaler looks every 10 s (--scan-interval), and says so when it adds a node."""
MOUNT_GRACE = 12.0
"""Volumes are often attached at the second try, and objects created a moment later."""
CREATE_GRACE = 10.0
"""Pods that are going still count towards a quota; the controller tries again by itself."""
READY_GRACE = 12.0
READY_FACTOR = 3
"""Times as long as the pods before took to become ready, and READY_GRACE at least; without any: NEVER."""
PULLS = (
    (
        re.compile(r"(?i)unauthori[sz]ed|denied|forbidden|authenticat|authorization failed|no basic auth"),
        N_("the registry does not let the node pull it"),
        AT_ONCE,
    ),
    (
        re.compile(r"(?i)no match for platform|exec format"),
        N_("it is not built for the node's platform"),
        AT_ONCE,
    ),
    (
        re.compile(r"(?i)not ?found|manifest unknown|does not exist"),
        N_("the registry has no such image"),
        AT_ONCE,
    ),
    (re.compile(r"(?i)x509|certificate"), N_("the node does not trust the registry's certificate"), AT_ONCE),
    (re.compile(r"(?i)toomanyrequests|too many requests"), N_("the registry throttles"), PULL_GRACE),
    (
        re.compile(
            r"(?i)no such host|timeout|timed out|refused|reset by|\bEOF\b|deadline exceeded|\b50[0-4] [A-Z]"
        ),
        N_("the registry does not answer"),
        PULL_GRACE,
    ),
)
"""What the container runtime says of a pull that failed -> words, grace. The first that fits: what has no image
for the platform is `not found` as well."""
WAITING = {
    "ErrImagePull": (N_("the image cannot be pulled"), PULL_GRACE),
    "ImagePullBackOff": (N_("the image cannot be pulled"), PULL_GRACE),
    "InvalidImageName": (N_("the image's name is not valid"), AT_ONCE),
    "ErrImageNeverPull": (N_("the image is not on the node and may not be pulled"), AT_ONCE),
    "ImageInspectError": (N_("the node cannot read the image"), AT_ONCE),
    "CreateContainerConfigError": (N_("its configuration is missing"), AT_ONCE),
    "CreateContainerError": (N_("the container cannot be created"), AT_ONCE),
    "RunContainerError": (N_("the container cannot be started"), AT_ONCE),
    "CrashLoopBackOff": (N_("the container stops again soon after it starts"), AT_ONCE),
}
"""Waiting reasons of the kubelet (pkg/kubelet/images/types.go, kuberuntime, container/sync_result.go)."""
BRIEFLY = {
    "ErrImagePull": N_("image cannot be pulled"),
    "ImagePullBackOff": N_("image cannot be pulled"),
    "InvalidImageName": N_("image name not valid"),
    "ErrImageNeverPull": N_("image not on the node"),
    "ImageInspectError": N_("image cannot be read"),
    "CreateContainerConfigError": N_("configuration missing"),
    "CreateContainerError": N_("container cannot be created"),
    "RunContainerError": N_("container cannot start"),
    "CrashLoopBackOff": N_("crash loop"),
}
"""The same for a notification, which has room for three words."""
STARTING = {"ContainerCreating", "PodInitializing"}
VOLUMES = {"FailedMount", "FailedAttachVolume", "FailedCreatePodSandBox"}
"""Warnings about a pod that stays ContainerCreating."""
EXITS = {
    126: N_("its command cannot be run"),
    127: N_("its command was not found"),
    137: N_("it was killed"),
    139: N_("it crashed with a segmentation fault"),
    143: N_("it was told to stop"),
}
"""Exit codes that say more than their number: 126 and 127 of the shell, 128 + signal."""
PROBES = (
    (re.compile(r"HTTP probe failed with statuscode: "), "HTTP "),
    (re.compile(r"(?:context deadline exceeded|i/o timeout).*"), "no answer in time"),  # not said: see below
    (re.compile(r"dial tcp [^ ]*: connect: "), ""),
    (re.compile(r'Get "https?://[^/"]*([^"]*)"'), r"\1"),  # the pod's address would keep pods apart
)
"""What the kubelet says of a probe, in its own language -> shorter, and the same for every pod."""
