"""views.* and files.*: what the app shows outside of messages."""

from __future__ import annotations

from typing import Any

from sandbox.slack.arguments import Arguments
from sandbox.slack.chat import known_person, writable
from sandbox.slack.records import File, Json, SlackError
from sandbox.slack.state import Slack


def views_open(slack: Slack, given: Arguments) -> Json:
    return {"view": slack.modals.open(given.need("trigger_id"), _view(given)).json()}


def views_push(slack: Slack, given: Arguments) -> Json:
    return {"view": slack.modals.push(given.need("trigger_id"), _view(given)).json()}


def views_update(slack: Slack, given: Arguments) -> Json:
    view = slack.modals.view(given.text("view_id"), given.text("external_id"))
    return {"view": slack.modals.update(view, _view(given), given.text("hash")).json()}


def views_publish(slack: Slack, given: Arguments) -> Json:
    person = known_person(slack, given.need("user_id"))
    return {"view": slack.modals.publish(person, _view(given), given.text("hash")).json()}


def _view(given: Arguments) -> Json:
    view = given.json("view")
    if not isinstance(view, dict):
        raise SlackError("invalid_arguments", "[ERROR] missing required field: view")
    return view


def get_upload_url(slack: Slack, given: Arguments) -> Json:
    length = given.number("length", 0)
    if length <= 0:
        raise SlackError("invalid_arguments", "[ERROR] must be greater than 0 [json-pointer:/length]")
    file_id = f"F{slack.number():09X}"
    slack.files[file_id] = File(file_id, given.need("filename"), length)
    return {"upload_url": f"{slack.url}/upload/v1/{file_id}", "file_id": file_id}


def complete_upload(slack: Slack, given: Arguments) -> Json:
    """Share uploaded files in one message of each channel. Raises SlackError `file_not_found`."""
    listed: list[dict[str, Any]] = given.json("files") or []
    files = [_uploaded(slack, one) for one in listed]
    shown = [file.json(slack.url) for file in files]
    refs = given.text("channel_id") or given.text("channels") or ""
    for ref in filter(None, refs.split(",")):
        slack.post(
            writable(slack, ref),
            slack.bot,
            given.text("initial_comment") or "",
            files=shown,
            subtype="file_share",
            blocks=given.json("blocks") or [],
            thread_ts=given.text("thread_ts"),
        )
    return {"files": shown}


def _uploaded(slack: Slack, listed: dict[str, Any]) -> File:
    file = slack.files.get(listed.get("id", ""))
    if file is None or not file.data:
        raise SlackError("file_not_found")
    file.title = listed.get("title") or file.title
    return file


METHODS = {
    "files.completeUploadExternal": complete_upload,
    "files.getUploadURLExternal": get_upload_url,
    "views.open": views_open,
    "views.publish": views_publish,
    "views.push": views_push,
    "views.update": views_update,
}
