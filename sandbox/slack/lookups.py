"""Who and where: auth.test, bots, conversations, users and user groups."""

from __future__ import annotations

from sandbox.slack.arguments import Arguments, one_page
from sandbox.slack.chat import known_channel, known_person
from sandbox.slack.records import APP, BOT, BOT_ID, TEAM, TEAM_NAME, Json, SlackError
from sandbox.slack.state import Slack


def api_test(_: Slack, given: Arguments) -> Json:
    if error := given.text("error"):
        raise SlackError(error)
    return {"args": {name: value for name, value in given.given.items() if name != "token"}}


def auth_test(slack: Slack, _: Arguments) -> Json:
    return {
        "url": f"{slack.url}/",
        "team": TEAM_NAME,
        "user": slack.bot.name,
        "team_id": TEAM,
        "user_id": BOT,
        "bot_id": BOT_ID,
        "is_enterprise_install": False,
    }


def bots_info(slack: Slack, given: Arguments) -> Json:
    wanted = given.text("bot") or BOT_ID
    for person in slack.people.values():
        if person.bot_id == wanted:
            bot = {"id": wanted, "deleted": False, "name": person.name, "app_id": APP, "user_id": person.id}
            return {"bot": bot | {"icons": {}}}
    raise SlackError("bot_not_found")


def conversations_open(slack: Slack, given: Arguments) -> Json:
    """With one person; group conversations are not in the sandbox."""
    if channel := given.text("channel"):
        return {"channel": known_channel(slack, channel).json()}
    users = given.need("users").split(",")
    if len(users) > 1:
        raise SlackError("not_enough_users" if not users[0] else "method_not_supported_for_channel_type")
    person = known_person(slack, users[0])
    opened = f"D{person.id[1:]}" in slack.channels
    channel_id = slack.dm(person.id)
    return {"channel": {"id": channel_id}, "already_open": opened, "no_op": opened}


def conversations_list(slack: Slack, given: Arguments) -> Json:
    types = (given.text("types") or "public_channel").split(",")
    channels = [
        channel.json()
        for channel in slack.channels.values()
        if ("im" if channel.im_with else "public_channel") in types
        and not (channel.is_archived and given.flag("exclude_archived"))
    ]
    return one_page(channels, given, "channels")


def conversations_info(slack: Slack, given: Arguments) -> Json:
    channel = known_channel(slack, given.need("channel"))
    shown = channel.json()
    if not given.flag("include_num_members"):
        shown.pop("num_members", None)
    return {"channel": shown}


def conversations_members(slack: Slack, given: Arguments) -> Json:
    channel = known_channel(slack, given.need("channel"))
    page = one_page([{"id": member} for member in channel.members], given, "members")
    return page | {"members": [member["id"] for member in page["members"]]}


def users_info(slack: Slack, given: Arguments) -> Json:
    return {"user": known_person(slack, given.need("user")).json(given.flag("include_locale"))}


def users_list(slack: Slack, given: Arguments) -> Json:
    asked = given.flag("include_locale")
    return one_page([person.json(asked) for person in slack.people.values()], given, "members")


def users_lookup_by_email(slack: Slack, given: Arguments) -> Json:
    wanted = given.need("email").casefold()
    for person in slack.people.values():
        if person.email and person.email.casefold() == wanted and not person.deleted:
            return {"user": person.json()}
    raise SlackError("users_not_found")


def usergroups_list(slack: Slack, given: Arguments) -> Json:
    groups = [group.json() for group in slack.groups.values()]
    if not given.flag("include_users"):
        groups = [{name: value for name, value in group.items() if name != "users"} for group in groups]
    return {"usergroups": groups}


def usergroups_users_list(slack: Slack, given: Arguments) -> Json:
    group = slack.groups.get(given.need("usergroup"))
    if group is None:
        raise SlackError("no_such_subteam")
    return {"users": list(group.users)}


METHODS = {
    "api.test": api_test,
    "auth.test": auth_test,
    "bots.info": bots_info,
    "conversations.info": conversations_info,
    "conversations.list": conversations_list,
    "conversations.members": conversations_members,
    "conversations.open": conversations_open,
    "usergroups.list": usergroups_list,
    "usergroups.users.list": usergroups_users_list,
    "users.info": users_info,
    "users.list": users_list,
    "users.lookupByEmail": users_lookup_by_email,
}
