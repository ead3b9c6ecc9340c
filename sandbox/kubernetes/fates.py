"""What becomes of a container, decided by how its image behaves: one table for everything that can go wrong.

A new way to fail is one more line here and one more word in `sandbox.images.Behaviour`.
"""

from __future__ import annotations

from dataclasses import dataclass

from sandbox.images import Behaviour
from sandbox.kubernetes.resources import Object


@dataclass(frozen=True)
class Fate:
    """How a container fares. Texts are a kubelet's; `{image}`, `{registry}`, `{container}` are filled in."""

    pulled: float = 0.8
    """Lifelike seconds that pulling the image takes."""
    pull: str = ""
    """The registry's refusal; empty: the image can be pulled."""
    refused: str = ""
    """Why the container cannot be made or started."""
    refusal: str = "CreateContainerConfigError"
    """What it waits as then."""
    readiness: str = ""
    """What its readiness probe answers; empty: it is ready."""
    liveness: str = ""
    """What its liveness probe answers; empty: it lives."""
    startup: str = ""
    """What its startup probe answers; empty: it has started. Until then the others are not asked."""
    exit_code: int | None = None
    """With what it ends soon after its start; None: it goes on running."""
    exit_reason: str = "Error"


def _rpc(code: str, why: str) -> str:
    return f'rpc error: code = {code} desc = failed to pull and unpack image "{{image}}": {why}'


_RESOLVE = 'failed to resolve reference "{image}": '
_HUNG = (
    'Get "http://{address}:8080/": context deadline exceeded (Client.Timeout exceeded while awaiting headers)'
)
_CLOSED = 'Get "http://{address}:8080/": dial tcp {address}:8080: connect: connection refused'
_NO_LOGIN = "pull access denied, repository does not exist or may require authorization: "
_NO_LOGIN += "authorization failed: no basic auth credentials"
_NO_ANSWER = 'failed to do request: Head "https://{registry}/v2/": dial tcp 192.0.2.40:443: i/o timeout'
_TOO_OFTEN = "unexpected status from HEAD request to https://{registry}/v2/: 429 Too Many Requests"
_UNKNOWN_SIGNER = 'failed to do request: Head "https://{registry}/v2/": tls: failed to verify certificate: '
_UNKNOWN_SIGNER += "x509: certificate signed by unknown authority"
_NO_SPACE = "failed to create containerd container: failed to mount rootfs: no space left on device"
_NO_COMMAND = "failed to create containerd task: failed to create shim task: OCI runtime create failed: "
_NO_COMMAND += 'exec: "{container}": executable file not found in $PATH: unknown'

FATES: dict[Behaviour, Fate] = {
    "runs": Fate(),
    "slow": Fate(pulled=20.0),
    "missing": Fate(pull=_rpc("NotFound", "failed to resolve image: {image}: not found")),
    "denied": Fate(pull=_rpc("Unknown", _RESOLVE + _NO_LOGIN)),
    "unreachable": Fate(pull=_rpc("Unknown", _RESOLVE + _NO_ANSWER)),
    "throttled": Fate(pull=_rpc("Unknown", _RESOLVE + _TOO_OFTEN)),
    "untrusted": Fate(pull=_rpc("Unknown", _RESOLVE + _UNKNOWN_SIGNER)),
    "foreign": Fate(pull=_rpc("NotFound", "no match for platform in manifest: not found")),
    "misconfigured": Fate(refused='secret "{container}-credentials" not found'),
    "uncreatable": Fate(refused=_NO_SPACE, refusal="CreateContainerError"),
    "unstartable": Fate(refused=_NO_COMMAND, refusal="RunContainerError"),
    "unready": Fate(readiness="HTTP probe failed with statuscode: 503"),
    "hangs": Fate(readiness=_HUNG, liveness=_HUNG),
    "stuck": Fate(readiness=_CLOSED, startup=_CLOSED),
    "crashes": Fate(exit_code=1),
    "exits": Fate(exit_code=0, exit_reason="Completed"),
    "oom": Fate(exit_code=137, exit_reason="OOMKilled"),
}


_REFERENCES = {
    "secretKeyRef": "secret",
    "secretRef": "secret",
    "configMapKeyRef": "configmap",
    "configMapRef": "configmap",
}


def missing_volume(spec: Object) -> str:
    """Why a pod's volumes cannot be mounted: this cluster has neither Secrets nor ConfigMaps of people's;
    empty: they can."""
    for volume in spec.get("volumes") or ():
        for kind, name in (("secret", "secretName"), ("configMap", "name")):
            if kind in volume and not volume[kind].get("optional"):
                missing = f'{kind.lower()} "{volume[kind][name]}" not found'
                return f'MountVolume.SetUp failed for volume "{volume["name"]}" : {missing}'
    return ""


def missing_configuration(container: Object) -> str:
    """Why a container that asks for Secrets or ConfigMaps cannot be made: this cluster has none of either."""
    sources = [variable.get("valueFrom") or {} for variable in container.get("env") or ()]
    for source in (*sources, *(container.get("envFrom") or ())):
        for field, kind in _REFERENCES.items():
            if field in source and not source[field].get("optional"):
                return f'{kind} "{source[field]["name"]}" not found'
    return ""
