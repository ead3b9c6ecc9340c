"""The kinds of value that `shipmate.yaml` holds, each with the check that explains itself."""

from __future__ import annotations

import re
from collections.abc import Mapping
from pathlib import Path
from string import Formatter
from types import MappingProxyType
from typing import Annotated, Any, TypeVar

from pydantic import (
    AfterValidator,
    BeforeValidator,
    Field,
    SecretStr,
    StringConstraints,
    ValidationInfo,
    WithJsonSchema,
    WrapSerializer,
)
from pydantic_core import PydanticCustomError

EXPECTED = "expected"
"""Type of an error whose text says what was expected; the reader of errors adds what was found."""
SAID = "said"
"""Type of an error whose text says everything; what was found is not shown."""


class FromEnvironment(str):
    """Text in which at least one `${NAME}` was replaced by a variable of the environment."""

    __slots__ = ()


def wrong(kind: str, text: str) -> PydanticCustomError:
    """An error of kind EXPECTED or SAID. The text is a value, as it may hold braces itself."""
    return PydanticCustomError(kind, "{text}", {"text": text})


def _matches(pattern: str, expected: str) -> AfterValidator:
    def check(text: str) -> str:
        if not re.fullmatch(pattern, text):
            raise wrong(EXPECTED, expected)
        return text

    return AfterValidator(check)


def _address(text: str) -> str:
    if not re.fullmatch(r"https?://[^\s/]+(/\S*)?", text):
        raise wrong(EXPECTED, "an address that starts with http:// or https://")
    if "@" in text.split("/")[2]:
        raise wrong(SAID, "an address without a user and password: those have keys of their own")
    return text.rstrip("/")


def _expression(text: str) -> str:
    try:
        compiled = re.compile(text)
    except re.error as error:
        raise wrong(EXPECTED, f"a regular expression ({error})") from None
    if compiled.match(""):
        raise wrong(EXPECTED, "a regular expression that finds something, not nothing")
    return text


def _only_from_environment(value: Any) -> Any:
    if not isinstance(value, FromEnvironment):
        raise wrong(SAID, "expected a secret written ${NAME}, so that it stays out of this file")
    return str(value)


def _beside_the_file(value: Any, info: ValidationInfo) -> Any:
    """A relative path starts at the folder of the configuration file, wherever the process was started."""
    folder = (info.context or {}).get("folder", Path())
    return folder / Path(value).expanduser() if isinstance(value, str) and value else value


Text = Annotated[str, StringConstraints(min_length=1)]
Name = Annotated[str, StringConstraints(pattern=r"^[a-z0-9]([a-z0-9._-]{0,61}[a-z0-9])?$")]
"""What people type: small letters, as commands ignore case; no `/`, as a target is `web/trunk`."""
OtherName = Annotated[
    str,
    _matches(
        r"[a-z0-9\u4e00-\u9fff]([a-z0-9._\u4e00-\u9fff-]{0,61}[a-z0-9\u4e00-\u9fff])?",
        "a name of small letters, digits, '-', '_' and '.', or of Chinese characters",
    ),
]
"""What people may type instead of a name."""
Stand = Annotated[str, _matches(r"[a-z0-9._-]+(/[a-z0-9._-]+)?", "a project, or a target such as web/trunk")]
NAME_EXPECTED = "a name of small letters, digits, '-', '_' and '.'"

Line = Annotated[Text, _matches(r"[\w][\w./-]*", "a code line such as dev, trunk or releases")]
Url = Annotated[str, AfterValidator(_address)]
UserId = Annotated[
    str, _matches(r"[UW][A-Z0-9]+", "a Slack user id such as U024BE7LH (profile > Copy member ID)")
]
GroupId = Annotated[
    str, _matches(r"S[A-Z0-9]+", "the id of a Slack user group, such as S0614TZR7, not its handle")
]
ChannelId = Annotated[
    str, _matches(r"[CGD][A-Z0-9]+", "the id of a Slack channel, such as C024BE7LR (channel > About)")
]
TeamId = Annotated[str, _matches(r"[TE][A-Z0-9]+", "the id of a Slack workspace, such as T0001ABCD")]
Email = Annotated[str, _matches(r"[^@\s]+@[^@\s]+", "an e-mail address")]
MailServer = Annotated[
    str, _matches(r"[A-Za-z0-9.-]+(:[0-9]{1,5})?", "the name of a mail server, such as smtp.shop.example:587")
]
FilePath = Annotated[Path, BeforeValidator(_beside_the_file), WithJsonSchema({"type": "string"})]
Seconds = Annotated[int, Field(ge=1, le=300)]
Minutes = Annotated[int, Field(ge=1, le=1440)]
Secret = Annotated[
    SecretStr,
    BeforeValidator(_only_from_environment),
    WithJsonSchema({"type": "string", "format": "password", "pattern": r"\$\{[A-Za-z_][A-Za-z0-9_]*\}"}),
]

T = TypeVar("T")
_READ_ONLY = AfterValidator(MappingProxyType)
_AS_DICT = WrapSerializer(lambda pairs, dump: dump(dict(pairs)))
Named = Annotated[Mapping[Name, T], _READ_ONLY, _AS_DICT]
"""Things by name, in the order of the file, read-only."""
Pairs = Annotated[Mapping[Text, T], _READ_ONLY, _AS_DICT]


def nothing() -> Mapping[str, Any]:
    return MappingProxyType({})


_CUT = re.compile(r"(\.[1-9][0-9]?)?")


def template(*names: str) -> AfterValidator:
    """Checks that a text uses no other `{placeholder}` than `names`; `{{` stands for a brace.

    `{revision:.7}` is cut to seven characters; nothing else of Python's format strings is allowed, as
    `{project.__class__}` has no place here (https://docs.python.org/3/library/string.html#formatstrings).
    """
    possible = ", ".join(f"{{{name}}}" for name in names)

    def check(text: str) -> str:
        try:
            used = [
                (field, spec, how) for _, field, spec, how in Formatter().parse(text) if field is not None
            ]
        except ValueError as error:
            raise wrong(EXPECTED, f"text with {possible}; a brace itself is doubled") from error
        for field, spec, how in used:
            if field not in names or how or not _CUT.fullmatch(spec or ""):
                raise wrong(EXPECTED, f"no other placeholders than {possible}")
        return text

    return AfterValidator(check)


def fill(text: str, values: Mapping[str, str]) -> str:
    """`"{project}-build"` with its values. The names were checked by `template` when the file was read."""
    return text.format_map(values)


Pattern = Annotated[Text, AfterValidator(_expression)]
TicketTemplate = Annotated[Url, template("ticket")]
TargetTemplate = Annotated[Text, template("project", "environment")]
ParameterTemplate = Annotated[str, template("project", "environment", "line", "ref", "operation")]
RollbackTemplate = Annotated[str, template("project", "environment", "line", "image", "tag", "operation")]
ImageTemplate = Annotated[
    Text,
    template("project", "environment", "line", "ref", "operation", "build", "revision", "value"),
]
