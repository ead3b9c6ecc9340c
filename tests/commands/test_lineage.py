"""Which of two builds holds more, and what lies between them, whatever order they were made in."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from bot.ports import Built, Commit
from commands.lineage import Lineage, is_older

LINE = [Commit(f"r{number}", "mei", f"change {number}") for number in range(3, 60, 3)]


def svn_builds(revisions: list[int]) -> list[Built]:
    """As Jenkins makes them: each lists what came since the build before, and nothing when it is of older code."""
    before, builds = 0, []
    for number, revision in enumerate(revisions, 1):
        commits = [commit for commit in LINE if before < int(commit.id[1:]) <= revision]
        builds.append(Built(number, "", "SUCCESS", str(revision), {}, tuple(commits)))
        before = revision
    return builds


def git_builds(heads: list[int]) -> list[Built]:
    shas = [Commit(f"{place:040x}", "mei", "a change") for place in range(20)]
    before, builds = -1, []
    for number, head in enumerate(heads, 1):
        commits = tuple(shas[before + 1 : head + 1])
        builds.append(Built(number, "", "SUCCESS", shas[head].id, {}, commits))
        before = head
    return builds


@given(st.lists(st.integers(1, 60), min_size=2, max_size=6), st.data())
def test_in_subversion_revisions_decide_and_not_the_numbers_of_builds(
    revisions: list[int], data: st.DataObject
) -> None:
    builds = svn_builds(revisions)
    lineage = Lineage.of(builds, by_number=True)
    one, other = data.draw(st.sampled_from(builds)), data.draw(st.sampled_from(builds))

    here, there = lineage.place(one), lineage.place(other)

    low, high = sorted((int(one.revision), int(other.revision)))
    lie_between = [commit.id for commit in reversed(LINE) if low < int(commit.id[1:]) <= high]
    if here is None or there is None:  # from before all that is known
        assert low < revisions[0]
    else:
        assert [commit.id for commit in lineage.between(here, there)] == lie_between
        assert (there < here) <= is_older(other, one)


@given(st.lists(st.integers(0, 19), min_size=2, max_size=6), st.data())
def test_in_git_the_builds_tell_the_order(heads: list[int], data: st.DataObject) -> None:
    builds = git_builds(heads)
    lineage = Lineage.of(builds, by_number=False)
    one, other = data.draw(st.sampled_from(builds)), data.draw(st.sampled_from(builds))

    here, there = lineage.place(one), lineage.place(other)

    assert here is not None
    assert there is not None
    between = abs(int(one.revision, 16) - int(other.revision, 16))
    assert len(lineage.between(here, there)) == between
    assert (there < here) == (int(other.revision, 16) < int(one.revision, 16))


def test_what_jenkins_has_forgotten_has_no_place() -> None:
    known = git_builds([3, 9])[1:]
    older = git_builds([1])[0]

    assert Lineage.of(known, by_number=False).place(older) is None
    assert Lineage.of([], by_number=True).place(older) is None
