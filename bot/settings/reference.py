"""What the docs say of each key, made from the models: `python -m bot.settings.reference` renews it."""

from __future__ import annotations

import json
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from bot.settings import schema
from bot.settings.problems import Schema, expected, named, resolve

DOCS = Path(__file__).parents[2] / "docs"
SCHEMA = DOCS / "configuration.schema.json"
GUIDE = DOCS / "configuration.md"
BEGIN = "<!-- every key: made by python -m bot.settings.reference -->\n"
END = "<!-- end of every key -->\n"


@dataclass(frozen=True)
class Key:
    path: str
    """`projects.<name>.build.job`; `[]` stands for each item of a list."""
    value: str
    default: str
    meaning: str


def keys(root: Schema) -> list[Key]:
    """Every key of the file, in the order of the models."""
    return list(_keys(root, root, ""))


def schema_text() -> str:
    return json.dumps(schema(), indent=2) + "\n"


def guide_text(guide: str) -> str:
    """The guide with its table of keys renewed; what is outside the two marks is written by hand."""
    before, rest = guide.split(BEGIN)
    after = rest.split(END)[1]
    return f"{before}{BEGIN}{_table(keys(schema()))}{END}{after}"


def _keys(node: Schema, root: Schema, prefix: str) -> Iterator[Key]:
    for name, part in node.get("properties", {}).items():
        path = f"{prefix}{name}"
        required = name in node.get("required", ())
        default = "required" if required else _default(part)
        yield Key(path, expected(part, root), default, part.get("description", ""))
        yield from _below(resolve(part, root), root, path)


def _below(node: Schema, root: Schema, path: str) -> Iterator[Key]:
    value = named(node)
    if "properties" in node:
        yield from _keys(node, root, f"{path}.")
    elif value is not None:
        yield from _below(resolve(value, root), root, f"{path}.<name>")
    elif "items" in node:
        yield from _below(resolve(node["items"], root), root, f"{path}[]")


def _default(part: Schema) -> str:
    value = part.get("default")
    return "" if value in (None, "", []) else f"`{json.dumps(value)}`"


def _table(rows: list[Key]) -> str:
    lines = (f"| `{row.path}` | {row.value} | {row.default} | {row.meaning} |" for row in rows)
    return "\n".join(("| key | value | default | meaning |", "| --- | --- | --- | --- |", *lines, ""))


def main() -> None:
    SCHEMA.write_text(schema_text())
    GUIDE.write_text(guide_text(GUIDE.read_text()))


if __name__ == "__main__":
    main()
