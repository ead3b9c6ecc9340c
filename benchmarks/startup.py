"""How long `python -m bot --help` takes."""

from __future__ import annotations

import subprocess
import sys
import time
from statistics import median

from benchmarks.results import Result


def measure() -> list[Result]:
    took = []
    for _ in range(9):
        begun = time.monotonic()
        subprocess.run([sys.executable, "-m", "bot", "--help"], capture_output=True, check=True)
        took.append(time.monotonic() - begun)
    return [Result("python -m bot --help, median", median(took), "s", 0.4)]
