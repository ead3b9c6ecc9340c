"""The sections about logs: where they are kept, and what brings them there."""

from __future__ import annotations

from typing import Literal, Self

from pydantic import Field, model_validator

from bot.settings.section import Section
from bot.settings.values import SAID, FilePath, Name, Seconds, Secret, Text, Url, wrong


class FieldNames(Section):
    """Of several names the first that a document has is shown. All but `message` are matched whole."""

    time: Text | None = Field(default=None, description="When it was written; a date field.")
    message: Text | None = Field(default=None, description="What was written; a text field.")
    level: tuple[Text, ...] = Field(default=(), description="How grave it is.")
    pod: tuple[Text, ...] = Field(default=(), description="Which pod or host wrote it.")
    trace: tuple[Text, ...] = Field(default=(), description="The request that it belongs to.")

    @property
    def given(self) -> dict[str, tuple[str, ...]]:
        """Role -> names, for the roles that are named here."""
        alone = {role: (name,) for role in ("time", "message") if (name := getattr(self, role))}
        return alone | {role: names for role in ("level", "pod", "trace") if (names := getattr(self, role))}


class Pipeline(Section):
    """What brings lines into an Elasticsearch, so that `pipeline` can say where they are held up."""

    logstash: tuple[Name, ...] = Field(
        default=(), description="Which Logstash writes there, by its name above."
    )
    prometheus: Name | None = Field(
        default=None, description="Which Prometheus knows Kafka (kafka_exporter), by its name above."
    )
    consumer_groups: Text = Field(
        default=".+", description="Logstash's consumer groups in Kafka; a regular expression of Prometheus."
    )
    topics: Text = Field(
        default=".+", description="Topics that carry logs; a regular expression of Prometheus."
    )


class Elasticsearch(Section):
    urls: tuple[Url, ...] = Field(min_length=1, description="Addresses of its nodes.")
    api_key: Secret | None = Field(default=None, description="API key (encoded); or `user` and `password`.")
    user: Text | None = Field(default=None, description="User, with `password`.")
    password: Secret | None = Field(default=None, description="Password of `user`.")
    ca: FilePath | None = Field(default=None, description="Certificate authority (PEM), if not a public one.")
    fields: Literal["ecs", "logstash", "rsyslog"] = Field(
        default="ecs", description="How log documents name their fields: by the shipper that made them."
    )
    field_names: FieldNames = Field(
        default_factory=FieldNames, description="Single fields that are named otherwise than `fields` says."
    )
    pipeline: Pipeline = Field(default_factory=Pipeline, description="What brings lines there.")
    kibana_url: Url | None = Field(
        default=None, description="Address of Kibana, for links to the same lines."
    )
    timeout_seconds: Seconds = Field(default=10, description="How long one search may take.")

    @model_validator(mode="after")
    def _one_login(self) -> Self:
        if (self.user is None) != (self.password is None):
            raise wrong(SAID, "user and password belong together")
        if self.user is not None and self.api_key is not None:
            raise wrong(SAID, "expected api_key, or user and password, not both")
        return self


class Prometheus(Section):
    url: Url = Field(description="Address of Prometheus, with its path if it has one.")
    user: Text | None = Field(default=None, description="User, with `password`.")
    password: Secret | None = Field(default=None, description="Password of `user`.")
    token: Secret | None = Field(default=None, description="Bearer token, instead of `user` and `password`.")
    ca: FilePath | None = Field(default=None, description="Certificate authority (PEM), if not a public one.")
    timeout_seconds: Seconds = Field(default=10, description="How long one query may take.")

    @model_validator(mode="after")
    def _one_login(self) -> Self:
        if (self.user is None) != (self.password is None):
            raise wrong(SAID, "user and password belong together")
        if self.user is not None and self.token is not None:
            raise wrong(SAID, "expected token, or user and password, not both")
        return self


class Logstash(Section):
    urls: tuple[Url, ...] = Field(min_length=1, description="Addresses of the API of its nodes (port 9600).")
    user: Text | None = Field(default=None, description="User, with `password`.")
    password: Secret | None = Field(default=None, description="Password of `user`.")
    ca: FilePath | None = Field(default=None, description="Certificate authority (PEM), if not a public one.")
    timeout_seconds: Seconds = Field(default=5, description="How long one call may take.")

    @model_validator(mode="after")
    def _one_login(self) -> Self:
        if (self.user is None) != (self.password is None):
            raise wrong(SAID, "user and password belong together")
        return self
