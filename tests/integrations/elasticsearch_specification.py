"""Elasticsearch's published specification -> a JSON Schema of what the requests that we send may hold.

Elastic publishes the specification of its REST API (github.com/elastic/elasticsearch-specification, Apache 2.0)
and ships it, as `dist/schema.json`, in the npm package `@elastic/request-converter`. Of it these are taken:
the bodies of `_search`, `_msearch`, and of a point in time that is opened and closed, with every type within.

    npm pack @elastic/request-converter@9.5.0 && tar xzf elastic-request-converter-9.5.0.tgz
    python -m tests.integrations.elasticsearch_specification package

writes tests/data/elasticsearch/specification.json. How its model is to be read:
https://github.com/elastic/elasticsearch-specification/blob/main/docs/specification-structure.md
"""

from __future__ import annotations

import json
import sys
from collections.abc import Mapping
from pathlib import Path
from typing import Any

Json = dict[str, Any]
Name = tuple[str, str]
"""Namespace and name of a type."""

FILE = Path(__file__).parents[1] / "data" / "elasticsearch" / "specification.json"
REQUESTS = {
    "search": ("_global.search", "Request"),
    "open_point_in_time": ("_global.open_point_in_time", "Request"),
    "close_point_in_time": ("_global.close_point_in_time", "Request"),
}
PARTS = {
    "msearch header": ("_global.msearch", "MultisearchHeader"),
    "msearch body": ("_global.search._types", "SearchRequestBody"),
}
WHOLE = ("byte", "short", "integer", "long", "uint", "ulong")
"""Numbers without a fraction; the specification's own types know only `number`."""
BUILT_IN: dict[Name, Json] = {
    **{("_builtins", name): {"type": name} for name in ("string", "boolean", "number", "null")},
    **{("_types", name): {"type": "integer"} for name in WHOLE},
    ("_builtins", "binary"): {"type": "string"},
    ("_builtins", "void"): {"type": "null"},
}


class Reader:
    """Collects in `defs` whatever is reachable from the types it was asked for."""

    def __init__(self, types: list[Json]) -> None:
        self.defs: dict[str, Json] = {}
        self._types = {_name(one): one for one in types}

    def request(self, name: Name) -> Json:
        """The body of a request."""
        return self._object(self._types[name]["body"], {})

    def of(self, value: Json, generics: Mapping[Name, Json]) -> Json:
        """A value, where the names in `generics` stand for what is given there."""
        match value["kind"]:
            case "array_of":
                return {"type": "array", "items": self.of(value["value"], generics)}
            case "union_of":
                return {"anyOf": [self.of(item, generics) for item in value["items"]]}
            case "dictionary_of":
                single = {"minProperties": 1, "maxProperties": 1} if value["singleKey"] else {}
                return {
                    "type": "object",
                    "additionalProperties": self.of(value["value"], generics),
                    **single,
                }
            case "literal_value":
                return {"const": value["value"]}
            case "user_defined_value":
                return {}
        name = _name({"name": value["type"]})
        if name in generics:
            return generics[name]
        given = [self.of(one, generics) for one in value.get("generics", ())]
        return BUILT_IN.get(name) or self.named(name, given)

    def named(self, name: Name, given: list[Json]) -> Json:
        """A reference to a type, which is read when it is met first."""
        key = ".".join(name) + "".join(f" of {_plain(one)}" for one in given)
        if key not in self.defs:
            self.defs[key] = {}  # it may be met again within itself
            one = self._types[name]
            self.defs[key] = self._type(one, _bound(one, given))
        return {"$ref": f"#/$defs/{_pointer(key)}"}

    def _type(self, one: Json, generics: Mapping[Name, Json]) -> Json:
        if one["kind"] == "type_alias":
            return self.of(one["type"], generics)
        if one["kind"] == "enum":
            members = [
                word for member in one["members"] for word in (member["name"], *member.get("aliases", ()))
            ]
            return {"type": "string"} if one.get("isOpen") else {"enum": members}
        found = self._object(one, generics)
        short = one.get("shortcutProperty")
        return {"anyOf": [found["properties"][short], found]} if short else found

    def _object(self, one: Json, generics: Mapping[Name, Json]) -> Json:
        properties: dict[str, Json] = {}
        required: list[str] = []
        own = [(one, generics), *self._parents(one, generics)]
        for part, known in own:
            for prop in part["properties"]:
                for name in (prop["name"], *prop.get("aliases", ())):
                    properties.setdefault(name, self.of(prop["type"], known))
                if prop["required"] and not prop.get("aliases"):
                    required.append(prop["name"])
        more: list[Json | bool] = [
            self.of(behavior["generics"][1], known)
            for part, known in own
            for behavior in part.get("behaviors", ())
            if behavior["type"]["name"].startswith("AdditionalPropert")
        ]
        found: Json = {
            "type": "object",
            "properties": properties,
            "additionalProperties": (more or [False])[0],
        }
        if required:
            found["required"] = sorted(set(required))
        return found | _how_many(one, properties, bool(more))

    def _parents(self, one: Json, generics: Mapping[Name, Json]) -> list[tuple[Json, Mapping[Name, Json]]]:
        if "inherits" not in one:
            return []
        above = one["inherits"]
        parent = self._types[_name({"name": above["type"]})]
        bound = _bound(parent, [self.of(given, generics) for given in above.get("generics", ())])
        return [(parent, bound), *self._parents(parent, bound)]


def _how_many(one: Json, properties: Mapping[str, Json], more: bool) -> Json:
    """A container holds exactly one of its variants, besides what may stand in any of them."""
    if one.get("variants", {}).get("kind") != "container" or "esQuirk" in one:
        return {"minProperties": 1, "maxProperties": len(properties) + 1} if _is_of_one_field(one) else {}
    beside = {
        name
        for prop in one["properties"]
        if prop.get("containerProperty")
        for name in (prop["name"], *prop.get("aliases", ()))
    }
    if not beside:
        return {"minProperties": 1, "maxProperties": 1}
    assert not more
    return {"oneOf": [{"required": [name]} for name in properties if name not in beside]}


def _is_of_one_field(one: Json) -> bool:
    return any(behavior["type"]["name"] == "AdditionalProperty" for behavior in one.get("behaviors", ()))


def _bound(one: Json, given: list[Json]) -> dict[Name, Json]:
    return {
        _name({"name": generic}): value for generic, value in zip(one.get("generics", ()), given, strict=True)
    }


def _name(one: Json) -> Name:
    return one["name"]["namespace"], one["name"]["name"]


def _plain(value: Json) -> str:
    return str(value.get("$ref", json.dumps(value))).removeprefix("#/$defs/")


def _pointer(key: str) -> str:
    """RFC 6901, in a fragment."""
    for char, escaped in (("%", "%25"), ("~", "~0"), ("/", "~1"), (" ", "%20"), ('"', "%22"), ("#", "%23")):
        key = key.replace(char, escaped)
    return key


def convert(specification: Json, package: str) -> Json:
    """Under `requests` the bodies by the request's name, under `$defs` what they are made of."""
    reader = Reader(specification["types"])
    requests = {name: reader.request(one) for name, one in REQUESTS.items()}
    requests |= {name: reader.named(one, []) for name, one in PARTS.items()}
    return {
        "$schema": "https://json-schema.org/draft/2020-12/schema",
        "title": specification["_info"]["title"],
        "license": specification["_info"]["license"],
        "package": package,
        "requests": requests,
        "$defs": dict(sorted(reader.defs.items())),
    }


def main(folder: Path) -> None:
    about = json.loads((folder / "package.json").read_text())
    package = f"npm:{about['name']}@{about['version']}"
    found = convert(json.loads((folder / "dist" / "schema.json").read_text()), package)
    defs = ",\n".join(f"{json.dumps(name)}:{_compact(one)}" for name, one in found.pop("$defs").items())
    requests = ",\n".join(
        f"{json.dumps(name)}:{_compact(one)}" for name, one in found.pop("requests").items()
    )
    head = json.dumps(found, indent=1)[:-2]
    FILE.write_text(f'{head},\n"requests":{{\n{requests}\n}},\n"$defs":{{\n{defs}\n}}}}\n')


def _compact(value: Json) -> str:
    return json.dumps(value, separators=(",", ":"))


if __name__ == "__main__":
    main(Path(sys.argv[1]))
