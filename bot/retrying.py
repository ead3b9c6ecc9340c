"""A second try for calls that only read: a dropped connection should not become a message.

What acts is never tried again here: only the operation knows what it may repeat (`bot.story`).
"""

from __future__ import annotations

import stamina

from bot.faults import Unavailable

again_when_reading = stamina.retry(
    on=Unavailable, attempts=2, timeout=5.0, wait_initial=0.1, wait_max=0.5, wait_jitter=0.2
)
"""At most one more try, after 0.1 to 0.3 s, and none when the first took over 5 s."""
