"""The one pure decision for packages that move together, as a table of what was gathered."""

from dataclasses import replace
from datetime import UTC, datetime

import pytest

from octobot.app.events import keys_of
from octobot.flows.reconcile.decide import decide
from octobot.flows.reconcile.members import reasons_waiting
from octobot.flows.steps import Alarm, Announce, Close, Land, Propose, RecordEnd, Rest
from octobot.flows.view import Found, View
from octobot.model.bump import ProposalState, Proposed
from octobot.model.config import Config, Group, PackageRule
from octobot.model.events import PullRequestChanged
from octobot.model.ids import Key, PullNumber, RepositoryId, Sha, Version
from octobot.model.memory import Row, Sighting
from octobot.model.package import Package, UpdateBlock, Upstream
from octobot.model.pull_request import PullRequest
from octobot.model.reasons import Reason, ReasonCode
from octobot.model.release import Candidate, Observation, Release
from octobot.store.store import Store

NOW = datetime(2026, 5, 1, 12, tzinfo=UTC)
ONE, TWO, THREE = (Sha(digit * 40) for digit in "123")
UPSTREAM = Upstream("github", "rails/rails", "tags")
ENABLED = UpdateBlock(enabled=True)
GROUP = Group("rails", ("a", "b", "c"), line=3)
CONFIG = Config(groups=(GROUP,))
PULL = PullRequest(
    number=PullNumber(7),
    title="rails/1.1 package update",
    state="open",
    author=99,
    head=TWO,
    branch="octobot/group/rails/1.1",
    head_repository=RepositoryId(1),
    base="main",
    mergeable=True,
)
OLDER = replace(PULL, number=PullNumber(6), branch="octobot/group/rails/1.0.5")


def peer(
    name: str,
    *,
    at: str = "1.0",
    to: str | None = "1.1",
    update: UpdateBlock = ENABLED,
    **row: object,
) -> Found:
    """One package of the group, on its way from a version to another one."""
    fields = Row(
        key=Key(RepositoryId(1), name),
        path=f"{name}.yaml",
        blob=THREE,
        text="",
        reason=Reason(ReasonCode.UPDATE_FOUND),
        target=Candidate(Release(f"v{to}", ONE), Version(to)) if to else None,
        upstream=UPSTREAM,
        generation=1,
        issue=None,
        due=NOW,
        look_due=NOW,
    )
    package = Package(name, Version(at), 0, f"{name}.yaml", update, UPSTREAM)
    return Found(replace(fields, **row), package, None)  # type: ignore[arg-type]  # fields of a noun


VIEW = View(
    key=Key(RepositoryId(1), GROUP.lane),
    group=GROUP,
    members=(peer("a"), peer("b"), peer("c")),
    config=CONFIG,
    history=(),
    pulls=(),
    lone_pulls=(),
    open_pulls=0,
)


def past(
    state: ProposalState, version: str = "1.1", number: int = 7, *, names: str = "abc"
) -> Proposed:
    """A ledger row of the group."""
    files = tuple((f"{name}.yaml", THREE) for name in names)
    return Proposed(
        package="group/rails",
        version=Version(version),
        branch=f"octobot/group/rails/{version}",
        base=ONE,
        blob=THREE,
        head=TWO,
        number=number,
        state=state,
        at=NOW,
        files=files,
    )


OPEN = replace(VIEW, pulls=(PULL,), history=(past("open"),))


def resting(view: View) -> dict[str, str]:
    """What each package rests with."""
    step = decide(view)
    assert isinstance(step, Rest), step
    return {name: reason.code.value for name, reason in step.reasons.items()}


def withdrawing(view: View) -> Close:
    """The step, which takes something back."""
    step = decide(view)
    assert isinstance(step, Close), step
    return step


def test_packages_with_one_target_are_proposed_together() -> None:
    """All of them, with each one's own settings, in place of what was open before."""
    step = decide(replace(VIEW, pulls=(OLDER,), history=(past("open", "1.0.5", 6),)))
    assert isinstance(step, Propose)
    assert [part.bump.package for part in step.parts] == ["a", "b", "c"]
    assert step.replaces == (OLDER,)


def test_the_open_pull_request_of_the_target_is_judged_by_each() -> None:
    """By the packages that it bumps."""
    step = decide(OPEN)
    assert isinstance(step, Land)
    assert (step.pull, [m.package.name for m in step.members]) == (PULL, ["a", "b", "c"])


def test_who_has_not_the_version_yet_keeps_the_others_waiting() -> None:
    """Its own reason stays, and the others name it."""
    late = peer("c", to=None, reason=Reason(ReasonCode.UPSTREAM_UNREACHABLE, "timed out"))
    step = decide(replace(VIEW, members=(*VIEW.members[:2], late)))
    assert isinstance(step, Rest)
    assert step.reasons["c"] == late.row.reason
    assert step.reasons["a"].detail == "c has no 1.1 yet, only 1.0"
    other = replace(VIEW, members=(*VIEW.members[:2], peer("c", to="1.0.9")))
    assert resting(other) == dict.fromkeys("abc", "waits-for-group")


def test_a_package_beyond_the_others_keeps_them_waiting() -> None:
    """The greatest version is everybody's aim, whoever has reached it."""
    ahead = replace(VIEW, members=(peer("a", at="2.0", to=None), *VIEW.members[1:]))
    assert resting(ahead) == dict.fromkeys("abc", "waits-for-group") | {"a": "up-to-date"}


def test_who_is_there_already_is_left_out() -> None:
    """The proposal has the others."""
    step = decide(replace(VIEW, members=(peer("a", at="1.1", to=None), *VIEW.members[1:])))
    assert isinstance(step, Propose)
    assert [part.bump.package for part in step.parts] == ["b", "c"]


def test_one_that_got_there_under_an_open_pull_request_ends_it() -> None:
    """Its file would not change any more: the pull request is not what it says."""
    view = replace(OPEN, members=(peer("a", at="1.1", to=None), *VIEW.members[1:]))
    step = withdrawing(view)
    assert step.reason == Reason(ReasonCode.CONFLICT, "a: 1.1 is on the default branch already")
    left_out = replace(view, history=(past("open", names="bc"),))
    assert isinstance(decide(left_out), Land)


def test_another_set_of_packages_is_another_proposal() -> None:
    """The file moved a package into the group, or out of it, while the pull request is open."""
    step = withdrawing(replace(OPEN, history=(past("open", names="ab"),)))
    assert step.pulls == (PULL,)
    assert step.reason.code is ReasonCode.WAITS_FOR_GROUP


def test_what_the_ledger_does_not_know_is_judged_and_not_taken_back() -> None:
    """The database was lost: the gate says that octobot does not know it."""
    assert isinstance(decide(replace(VIEW, pulls=(PULL,))), Land)


def test_a_lost_pull_request_is_settled_first() -> None:
    """Before anything else is done."""
    assert decide(replace(VIEW, history=(past("open"),))) == RecordEnd(past("open"))


def test_a_no_and_a_merge_are_remembered() -> None:
    """A merge counts for the packages that it had; a no for the group."""
    assert resting(replace(VIEW, history=(past("closed-by-person"),))) == dict.fromkeys(
        "abc", "closed-by-user"
    )
    assert resting(replace(VIEW, history=(past("merged"),))) == dict.fromkeys("abc", "merged")
    newcomer = replace(
        VIEW,
        members=(peer("a", at="1.1", to=None), peer("b", at="1.1", to=None), peer("c")),
        history=(past("merged", names="ab"),),
    )
    step = decide(newcomer)
    assert isinstance(step, Propose)
    assert [part.bump.package for part in step.parts] == ["c"]


def test_a_moved_tag_of_one_freezes_all() -> None:
    """Taken back, then one alarm, then rest; the others wait for the one."""
    seen = Sighting(Observation("v1.1", ONE, None, NOW), moved_to=TWO)
    moved = (replace(VIEW.members[0], sighting=seen), *VIEW.members[1:])
    step = withdrawing(replace(OPEN, members=moved))
    assert (step.pulls, step.reason.code) == ((PULL,), ReasonCode.TAG_MOVED)
    assert step.reason.detail.startswith("a: v1.1 was ")
    alarm = decide(replace(VIEW, members=moved))
    assert isinstance(alarm, Alarm)
    assert alarm.about == ("a",)
    told = (replace(moved[0], row=replace(moved[0].row, issue=3)), *moved[1:])
    assert resting(replace(VIEW, members=told)) == {
        "a": "tag-moved",
        "b": "waits-for-group",
        "c": "waits-for-group",
    }


def test_a_version_taken_back_by_one_upstream_ends_the_proposal() -> None:
    """What is not published any more is not merged for any of them."""
    gone = peer("b", to=None, missed=2)
    step = withdrawing(replace(OPEN, members=(VIEW.members[0], gone, VIEW.members[2])))
    assert step.reason.code is ReasonCode.WITHDRAWN_UPSTREAM


def test_a_miss_of_one_that_is_not_in_the_proposal_changes_nothing() -> None:
    """It has the version already: an old miss is not about this one."""
    there = peer("b", at="1.1", to=None, missed=2)
    view = replace(OPEN, members=(VIEW.members[0], there, VIEW.members[2]))
    step = decide(replace(view, history=(past("open", names="ac"),)))
    assert isinstance(step, Land)


def test_an_open_pull_request_without_targets_is_judged_all_the_same() -> None:
    """So that its check run stays true while an upstream cannot be read."""
    peers = tuple(peer(name, to=None) for name in "abc")
    step = decide(replace(OPEN, members=peers))
    assert isinstance(step, Land)
    assert len(step.members) == 3


def test_one_that_cannot_be_read_stops_the_others() -> None:
    """It may be the one that must not be left behind."""
    bad = replace(VIEW.members[1], package=Reason(ReasonCode.BAD_SPEC, "a tab"))
    assert resting(replace(VIEW, members=(VIEW.members[0], bad, VIEW.members[2]))) == {
        "a": "waits-for-group",
        "b": "bad-spec",
        "c": "waits-for-group",
    }


def test_one_manual_package_makes_it_a_persons_bump() -> None:
    """One announcement for all, and then rest."""
    manual = UpdateBlock(enabled=True, manual=True)
    peers = (peer("a", update=manual), *VIEW.members[1:])
    step = decide(replace(VIEW, members=peers))
    assert isinstance(step, Announce)
    assert [bump.package for bump in step.bumps] == ["a", "b", "c"]
    told = tuple(
        replace(one, row=replace(one.row, issue=3, reason=Reason(ReasonCode.MANUAL)))
        for one in peers
    )
    assert resting(replace(VIEW, members=told)) == dict.fromkeys("abc", "manual")


def test_the_repositorys_file_can_stop_a_group() -> None:
    """Paused, held, unreadable or full: each with its own reason, a hold with its package's."""
    all_of = dict.fromkeys
    paused = replace(VIEW, config=replace(CONFIG, paused=True))
    assert resting(paused) == all_of("abc", "paused")
    unread = replace(VIEW, config=Reason(ReasonCode.BAD_CONFIG))
    assert resting(unread) == all_of("abc", "bad-config")
    assert resting(replace(VIEW, open_pulls=100)) == all_of("abc", "pr-limit-reached")
    held = replace(CONFIG, packages=(PackageRule("b", hold="ABI"),))
    expected = all_of("abc", "waits-for-group") | {"b": "on-hold"}
    assert resting(replace(VIEW, config=held)) == expected


def test_a_package_of_two_groups_stops_its_own() -> None:
    """The file must say which one it is in."""
    two = replace(CONFIG, groups=(GROUP, Group("other", ("c",), line=9)))
    step = decide(replace(VIEW, config=two))
    assert isinstance(step, Rest)
    assert str(step.reasons["c"].where) == ".github/octobot.yaml:9"
    assert step.reasons["a"].code is ReasonCode.WAITS_FOR_GROUP


def test_pull_requests_of_single_packages_give_way() -> None:
    """They are from before there was a group, and each package has one at most."""
    single = replace(PULL, branch="octobot/a/1.1")
    assert withdrawing(replace(VIEW, lone_pulls=(single,))).pulls == (single,)


@pytest.mark.parametrize("view", [replace(OPEN, group=None), replace(OPEN, members=())])
def test_a_group_that_is_no_more_gives_up_what_is_open(view: View) -> None:
    """The file does not have it any more, or nothing is in it; then there is nothing to do."""
    assert withdrawing(view).pulls == (PULL,)
    assert resting(replace(view, pulls=(), history=())) == {}


def test_many_causes_are_counted_where_they_are_not_named() -> None:
    """A reason stays short, however large the group is."""
    peers = [peer(f"p{number}") for number in range(9)]
    causes = {one.name: Reason(ReasonCode.ON_HOLD, "x") for one in peers[:8]}
    told = reasons_waiting(peers, causes)["p8"].detail
    assert told.endswith("p4: on-hold: x; and 3 more")


async def test_a_delivery_about_a_groups_branch_hints_the_groups_lane(store: Store) -> None:
    """Not the lane of a package that happens to have the name."""
    event = PullRequestChanged(RepositoryId(1), PullNumber(7), "octobot/group/rails/1.1")
    assert await keys_of(event, store) == (Key(RepositoryId(1), "group/rails"),)
    plain = replace(event, branch="octobot/rails/1.1")
    assert await keys_of(plain, store) == (Key(RepositoryId(1), "rails"),)
