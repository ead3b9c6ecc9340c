"""Who may do what in the sample shop, and why not."""

from __future__ import annotations

import itertools
from dataclasses import replace
from pathlib import Path

import pytest

from bot.policy import Actor, Policy
from bot.refusals import Grant, Member, Refusal, RoleRef
from bot.settings import Members, Role, Rule
from tests import sample

TEAM = "T0SHOP"
STRANGER = Actor("U0NEW", "new", "new@shop.example", TEAM)
PEOPLE = {
    "engineer": Actor("U0ENGINEER", "engineer", "engineer@shop.example", TEAM),
    "qa": Actor("U0QA", "qa", "qa@shop.example", TEAM),
    "oncall": Actor("U0ONCALL", "oncall", "oncall@shop.example", TEAM, frozenset({"S0ONCALL"})),
    "ops": Actor("U0OPS", "ops", "ops@shop.example", TEAM),
    "nobody": STRANGER,
    "guest": Actor("U0GUEST", "guest", "guest@shop.example", TEAM, is_guest=True),
}
PROJECTS = ("web", "api", "shop", "pay")
ENVIRONMENTS = ("dev", "trunk", "hidden", "product")

FOREIGN = "Shipmate serves the people of its own workspace only, and you write from another one."
GUEST = "Shipmate takes no commands from guests. Please ask a full member of this workspace."

# For each project alike: d(ev), t(runk), h(idden), p(roduct).
SAMPLE = """
            deploy  rollback  scale  logs  status  history
engineer    dt..    dt..      ....   dthp  dthp    dthp
qa          .th.    ....      ....   dthp  dthp    dthp
oncall      ....    dthp      dthp   dthp  dthp    dthp
ops         dthp    dthp      dthp   dthp  dthp    dthp
nobody      ....    ....      ....   ....  ....    ....
guest       ....    ....      ....   ....  ....    ....
"""


def expectations() -> list[tuple[str, str, str, str, bool]]:
    """(person, command, project, environment, allowed) of the table above."""
    head, *rows = (line.split() for line in SAMPLE.strip().splitlines())
    return [
        (person, command, project, environment, environment[0] in cell)
        for person, *cells in rows
        for command, cell in zip(head, cells, strict=True)
        for project, environment in itertools.product(PROJECTS, ENVIRONMENTS)
    ]


@pytest.fixture(scope="module")
def policy() -> Policy:
    settings = sample.settings()
    return Policy(settings.roles, settings.targets(), settings.slack.teams, sample.COMMANDS)


def test_the_table_covers_the_sample(policy: Policy) -> None:
    table = expectations()

    assert {row[0] for row in table} >= set(policy.roles)
    assert {row[1] for row in table} == set(sample.COMMANDS) - {"help", "whoami"}
    assert {(row[2], row[3]) for row in table} == set(policy.targets)


@pytest.mark.parametrize(("person", "command", "project", "environment", "allowed"), expectations())
def test_the_sample_allows_what_its_table_says(
    policy: Policy, person: str, command: str, project: str, environment: str, allowed: bool
) -> None:
    actor = PEOPLE[person]

    verdict = policy.may(actor, command, project, environment)

    assert verdict.allowed is allowed
    assert isinstance(verdict, Grant if allowed else Refusal)
    assert ((project, environment) in policy.visible(actor, command)) is allowed


@pytest.mark.parametrize("command", ["help", "whoami"])
def test_any_role_will_do_for_what_concerns_only_the_asker(policy: Policy, command: str) -> None:
    allowed = {name: policy.may(actor, command, None, None).allowed for name, actor in PEOPLE.items()}

    assert allowed == {
        "engineer": True,
        "qa": True,
        "oncall": True,
        "ops": True,
        "nobody": False,
        "guest": False,
    }


@pytest.mark.parametrize(
    ("person", "command", "project", "environment", "allowed"),
    [
        ("engineer", "deploy", "web", None, True),
        ("oncall", "deploy", "web", None, False),
        ("qa", "deploy", None, "hidden", True),
        ("qa", "deploy", None, "product", False),
        ("oncall", "scale", None, None, True),
        ("qa", "scale", None, None, False),
        ("nobody", "status", None, None, False),
    ],
)
def test_what_is_not_named_yet_may_be_any(
    policy: Policy, person: str, command: str, project: str | None, environment: str | None, allowed: bool
) -> None:
    assert policy.may(PEOPLE[person], command, project, environment).allowed is allowed


def refusals() -> list[tuple[str, str, str | None, str | None, str]]:
    """(person, command, project, environment, sentence) of the sample's refusals in full."""
    _, *blocks = (Path(__file__).parent / "data" / "policy" / "refusals.txt").read_text().split("\n\n")
    rows = [block.splitlines() for block in blocks]
    asked = [[None if word == "-" else word for word in request.split()] for request, _ in rows]
    return [(str(a[0]), str(a[1]), a[2], a[3], row[1]) for a, row in zip(asked, rows, strict=True)]


@pytest.mark.parametrize(("person", "command", "project", "environment", "sentence"), refusals())
def test_a_refusal_says_why_and_who_may(
    policy: Policy, person: str, command: str, project: str | None, environment: str | None, sentence: str
) -> None:
    verdict = policy.may(PEOPLE[person], command, project, environment)

    assert isinstance(verdict, Refusal)
    assert verdict.message == sentence


def test_a_refusal_is_data_too(policy: Policy) -> None:
    verdict = policy.may(PEOPLE["engineer"], "deploy", "web", "product")

    assert isinstance(verdict, Refusal)
    assert verdict.you_may == ("dev", "trunk")
    assert verdict.needs == (RoleRef("ops", (Member("user", "U0OPS"),)),)
    assert verdict.text(lambda member: f"{member.kind} {member.id}").endswith("needs role ops: user U0OPS.")


def test_a_refusal_does_not_name_a_crowd() -> None:
    crowd = Role(members=Members(users=tuple(f"U{n}" for n in range(7))), may=(Rule(commands=("deploy",)),))
    policy = Policy({"crew": crowd}, [("web", "dev")], {TEAM}, ("deploy",))

    verdict = policy.may(STRANGER, "deploy", "web", "dev")

    assert isinstance(verdict, Refusal)
    assert verdict.message.endswith("role crew: <@U0>, <@U1>, <@U2>, <@U3>, <@U4> or 2 more.")


def test_two_roles_are_told_together_and_what_nobody_may_is_said() -> None:
    roles = {
        "a": Role(members=Members(users=("U1",)), may=(Rule(commands=("deploy",), environments=("dev",)),)),
        "b": Role(members=Members(users=("U1",)), may=(Rule(commands=("deploy",), environments=("trunk",)),)),
    }
    targets = [("web", environment) for environment in ENVIRONMENTS]
    policy = Policy(roles, targets, {TEAM}, ("deploy", "scale"))
    actor = Actor("U1", "one", team=TEAM)

    refusals = [policy.may(actor, "deploy", "web", "product"), policy.may(actor, "scale", "web", "dev")]

    assert [refusal.message for refusal in refusals if isinstance(refusal, Refusal)] == [
        "You may deploy web to dev and trunk (roles a and b). No role may deploy web to product.",
        "Your roles a and b may not scale web in dev. No role may.",
    ]


@pytest.mark.parametrize(
    ("change", "sentence"),
    [
        ({"is_bot": True}, "Shipmate takes no commands from other bots."),
        ({"team": "T0OTHER"}, FOREIGN),
        ({"team": ""}, FOREIGN),
        ({"is_guest": True}, GUEST),
    ],
)
def test_bots_guests_and_other_workspaces_are_refused_whatever_their_role(
    policy: Policy, change: dict[str, bool | str], sentence: str
) -> None:
    actor = replace(PEOPLE["ops"], **change)  # type: ignore[arg-type]  # one field at a time

    verdict = policy.may(actor, "help", None, None)

    assert isinstance(verdict, Refusal)
    assert (verdict.message, verdict.needs) == (sentence, ())
    assert policy.roles_of(actor) == ()
    assert policy.allowed(actor) == ()
    assert policy.visible(actor, "status") == frozenset()


@pytest.mark.parametrize("email", ["qa@shop.example", "QA@Shop.Example"])
def test_an_email_counts_in_any_case(policy: Policy, email: str) -> None:
    assert policy.roles_of(Actor("U0X", "x", email, TEAM)) == ("qa",)


def test_nobody_is_found_by_what_they_do_not_have(policy: Policy) -> None:
    assert policy.roles_of(Actor("", "", "", TEAM)) == ()


def test_what_a_person_may_do_reads_like_a_list(policy: Policy) -> None:
    told = {name: [str(allowance) for allowance in policy.allowed(actor)] for name, actor in PEOPLE.items()}

    assert told["engineer"] == [
        "deploy: all projects in dev and trunk",
        "help",
        "history: all projects in all environments",
        "logs: all projects in all environments",
        "rollback: all projects in dev and trunk",
        "status: all projects in all environments",
        "whoami",
    ]
    assert told["qa"][0] == "deploy: all projects in trunk and hidden"
    assert [line.split(":")[0] for line in told["oncall"]] == [
        "help",
        "history",
        "logs",
        "rollback",
        "scale",
        "status",
        "whoami",
    ]
    assert told["ops"][:2] == ["deploy: all projects in all environments", "help"]
    assert told["nobody"] == told["guest"] == []


def test_projects_with_the_same_environments_share_a_line() -> None:
    rules = (
        Rule(commands=("deploy",), projects=("pay-*", "web"), environments=("dev",)),
        Rule(commands=("deploy",), projects=("shop",)),
    )
    role = Role(members=Members(users=("U1",)), may=rules)
    targets = list(itertools.product(("pay-api", "pay-web", "web", "shop", "other"), ("dev", "product")))
    policy = Policy({"crew": role}, targets, {TEAM}, ("deploy",))

    (allowance,) = policy.allowed(Actor("U1", "one", team=TEAM))

    assert allowance.where == ("pay-api, pay-web and web in dev", "shop in all environments")


def test_globs_are_for_names_as_written() -> None:
    role = Role(members=Members(users=("U1",)), may=(Rule(commands=("de*",), projects=("pay-?",)),))
    policy = Policy({"crew": role}, [("pay-a", "dev"), ("PAY-B", "dev"), ("pay", "dev")], {TEAM}, ("deploy",))

    assert policy.visible(Actor("U1", "one", team=TEAM), "deploy") == {("pay-a", "dev")}
