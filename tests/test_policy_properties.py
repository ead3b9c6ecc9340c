"""What must hold of the policy whatever a configuration says."""

from __future__ import annotations

import itertools
from dataclasses import replace

from hypothesis import given
from hypothesis import strategies as st

from bot.policy import Actor, Policy
from bot.refusals import Grant
from bot.settings import Members, Role, Rule
from tests import sample

TEAM = "T0SHOP"
STRANGER = Actor("U0NEW", "new", "new@shop.example", TEAM)
TARGETS = list(itertools.product(("web", "api", "shop", "pay"), ("dev", "trunk", "hidden", "product")))
globs = st.lists(
    st.sampled_from(["*", "web", "p*", "dev", "t*", "api", "[dh]*"]), min_size=1, max_size=3
).map(tuple)
commands = st.lists(st.sampled_from([*sample.COMMANDS, "*", "s*"]), min_size=1, max_size=3).map(tuple)
rules = st.builds(Rule, commands=commands, projects=globs, environments=globs)
members = st.sets(st.sampled_from(["U1", "U2", "U3"]), min_size=1).map(
    lambda users: Members(users=tuple(users))
)
roles = st.builds(Role, members=members, may=st.lists(rules, min_size=1, max_size=3).map(tuple))
configurations = st.dictionaries(st.sampled_from("abcd"), roles, max_size=4)
users = st.sampled_from(["U1", "U2", "U3"]).map(lambda user: Actor(user, user, team=TEAM))
places = st.sampled_from(TARGETS)
verbs = st.sampled_from(sample.COMMANDS)


def made(configuration: dict[str, Role]) -> Policy:
    return Policy(configuration, TARGETS, {TEAM}, sample.COMMANDS)


@given(configurations, roles, users, verbs)
def test_another_role_never_takes_anything_away(
    configuration: dict[str, Role], role: Role, actor: Actor, verb: str
) -> None:
    before, after = made(configuration), made({**configuration, "another": role})

    assert before.visible(actor, verb) <= after.visible(actor, verb)
    assert not before.may(actor, verb, None, None).allowed or after.may(actor, verb, None, None).allowed


@given(configurations, verbs, places)
def test_without_a_role_nothing_is_allowed(
    configuration: dict[str, Role], verb: str, place: tuple[str, str]
) -> None:
    policy = made(configuration)

    assert not policy.may(STRANGER, verb, *place).allowed
    assert not policy.may(STRANGER, verb, None, None).allowed
    assert policy.allowed(STRANGER) == ()


@given(configurations, users, verbs, places)
def test_a_guest_may_do_nothing(
    configuration: dict[str, Role], actor: Actor, verb: str, place: tuple[str, str]
) -> None:
    guest = replace(actor, is_guest=True)

    assert not made(configuration).may(guest, verb, *place).allowed
    assert made(configuration).visible(guest, verb) == frozenset()


@given(configurations, users, verbs, places)
def test_a_refusal_names_roles_that_would_do_and_a_grant_one_that_is_theirs(
    configuration: dict[str, Role], actor: Actor, verb: str, place: tuple[str, str]
) -> None:
    policy = made(configuration)

    verdict = policy.may(actor, verb, *place)

    if isinstance(verdict, Grant):
        assert verdict.role in policy.roles_of(actor)
    else:
        assert not {need.name for need in verdict.needs} & set(policy.roles_of(actor))
        helpers = [Actor(member.id, "", team=TEAM) for need in verdict.needs for member in need.members]
        assert all(policy.may(helper, verb, *place).allowed for helper in helpers)
        assert verdict.message.endswith(".")
        assert "  " not in verdict.message
