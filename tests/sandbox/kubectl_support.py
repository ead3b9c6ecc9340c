"""The real kubectl, on a sandbox cluster: what it printed and how it ended."""

from __future__ import annotations

import shutil
import subprocess
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

from sandbox.kubernetes import KubernetesServer, kubeconfig


@dataclass(frozen=True)
class Said:
    """What one kubectl command printed, and how it ended."""

    code: int
    out: str
    err: str

    @property
    def lines(self) -> list[str]:
        return self.out.splitlines()


Kubectl = Callable[..., Said]


def program(server: KubernetesServer, folder: Path) -> list[str]:
    """kubectl with an administrator's settings, to be followed by a command."""
    found = shutil.which("kubectl")
    assert found, "kubectl is not on PATH: the sandbox cluster must be judged by the real one"
    settings = folder / "config"
    settings.write_text(kubeconfig(server, token="admin", namespace="shop"))
    return [found, f"--kubeconfig={settings}", f"--cache-dir={folder / 'cache'}"]


def runner(begin: list[str]) -> Kubectl:
    def run(*arguments: str, text: str = "") -> Said:
        done = subprocess.run(  # noqa: S603 - a fixed program with arguments of our tests
            [*begin, *arguments], input=text, capture_output=True, text=True, timeout=20, check=False
        )
        return Said(done.returncode, done.stdout, done.stderr)

    return run
