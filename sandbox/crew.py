"""The bot's processes from the Procfile, for the demo, the tests and the benchmarks."""

from __future__ import annotations

import os
import subprocess
import sys
from collections.abc import Mapping
from pathlib import Path

from honcho.environ import parse_procfile

ROOT = Path(__file__).parent.parent


class Crew:
    """Started and ended by us, each with a log file of its own in `logs`."""

    def __init__(self, variables: Mapping[str, str], logs: Path) -> None:
        path = f"{Path(sys.executable).parent}{os.pathsep}{os.environ.get('PATH', '')}"
        self._environment = {**os.environ, **variables, "PATH": path, "PYTHONUNBUFFERED": "1"}
        self._commands = parse_procfile((ROOT / "Procfile").read_text()).processes
        self._logs = logs
        self.running: dict[str, subprocess.Popen[bytes]] = {}

    def start(self, *names: str) -> None:
        """`worker` or, for a second one, `worker.2`."""
        self._logs.mkdir(parents=True, exist_ok=True)
        for name in names:
            command = self._commands[name.split(".")[0]].split()
            with (self._logs / f"{name}.log").open("ab") as log:
                self.running[name] = subprocess.Popen(  # noqa: S603  # our own Procfile
                    command, env=self._environment, cwd=ROOT, stdout=log, stderr=log, start_new_session=True
                )

    def check(self) -> None:
        """Raises AssertionError with the end of its log when a process has ended by itself."""
        for name, process in self.running.items():
            if process.poll() is not None:
                raise AssertionError(f"{name} ended with {process.returncode}:\n{self.log(name)[-2000:]}")

    def kill(self, name: str) -> None:
        """As an accident would."""
        process = self.running.pop(name)
        process.kill()
        process.wait()

    def stop(self) -> None:
        """SIGTERM; SIGKILL after 10 s. Raises RuntimeError if one had to be killed."""
        for process in self.running.values():
            process.terminate()
        stubborn = []
        for name, process in self.running.items():
            try:
                process.wait(timeout=10)
            except subprocess.TimeoutExpired:
                process.kill()
                process.wait()
                stubborn.append(name)
        self.running.clear()
        if stubborn:
            raise RuntimeError(f"did not end on SIGTERM: {', '.join(stubborn)}")

    def log(self, name: str) -> str:
        return (self._logs / f"{name}.log").read_text(errors="replace")
