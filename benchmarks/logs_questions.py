"""What is asked of a million documents, for benchmarks/logs.py."""

from __future__ import annotations

WINDOWS = ("15m", "1h", "1d")
TEXTS = tuple(f'logs web in product since {window} level error grep "timed out"' for window in WINDOWS)
QUESTIONS = (
    *(f"logs web in product since {window}" for window in WINDOWS),
    *(f"logs web in product since {window} level error" for window in WINDOWS),
    *TEXTS,
)
"""Of a million documents 15 minutes hold some 5,000 and a day half of them."""
WITHOUT_BOUND = TEXTS
"""Where the sandbox's taking turns is most of the time, or a file comes with the answer."""
HUNGRY = (
    "logs web in product since 1d limit 10000",
    "logs shop in product since 1h",
    "logs shop in product since 1h limit 10000",
    "logs shop in product top",
)
"""Of lines as they are, and of a thousand of a megabyte each."""
