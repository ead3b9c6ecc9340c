from dataclasses import dataclass
@dataclass(frozen=True)
class Redacted:
    text: str
    hidden: int
def redact(text): return Redacted(text,0)
