"""`make console`: the break-glass terminal at the sandbox that `make up` has started."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from collections.abc import Mapping
from pathlib import Path

DATA = Path(".shipmate")
FOUND = DATA / "sandbox.json"
"""How the running sandbox is reached: addresses, and its sample secrets."""
WHO = "ops@shop.example"


def remember(variables: Mapping[str, str]) -> None:
    DATA.mkdir(exist_ok=True)
    FOUND.write_text(json.dumps(dict(variables)))


def main() -> int:
    try:
        variables = json.loads(FOUND.read_text())
    except FileNotFoundError:
        print("Start the sandbox first: make up", file=sys.stderr)  # noqa: T201
        return 1
    command = [sys.executable, "-m", "bot", "console", "--as", os.environ.get("WHO") or WHO]
    environment = {**os.environ, "LOG_LEVEL": "ERROR", **variables}
    return subprocess.run(command, env=environment, check=False).returncode  # noqa: S603  # our own program


if __name__ == "__main__":
    sys.exit(main())
