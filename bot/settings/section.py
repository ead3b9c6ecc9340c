"""What every section of `shipmate.yaml` is."""

from __future__ import annotations

from pydantic import BaseModel, ConfigDict


class Section(BaseModel):
    """Strict, as `"6"` for 6 is a slip worth hearing of; frozen, as settings are a value."""

    model_config = ConfigDict(extra="forbid", frozen=True, strict=True, hide_input_in_errors=True)
