"""The one pure decision, as a table of what was gathered."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest

from octobot.flows.reconcile.decide import decide
from octobot.flows.reconcile.open_pulls import WAITING
from octobot.flows.steps import Alarm, Announce, Close, Land, Propose, RecordEnd, Rest, Supersede
from octobot.flows.view import Found, Member, Opened, OrderedSteps, View
from octobot.model.bump import ProposalState, Proposed
from octobot.model.config import Config, PackageRule
from octobot.model.ids import Key, PullNumber, RepositoryId, Sha, Version
from octobot.model.memory import Row, Sighting
from octobot.model.package import Package, UpdateBlock, Upstream
from octobot.model.pull_request import PullRequest
from octobot.model.reasons import Reason, ReasonCode
from octobot.model.release import Candidate, Observation, Release

NOW = datetime(2026, 5, 1, 12, tzinfo=UTC)
ONE, TWO, THREE = (Sha(digit * 40) for digit in "123")
UPSTREAM = Upstream("github", "example/hello", "tags")
TARGET = Candidate(Release("v1.1", ONE), Version("1.1"))
PACKAGE = Package("hello", Version("1.0"), 0, "hello.yaml", UpdateBlock(enabled=True), UPSTREAM)
PULL = PullRequest(
    number=PullNumber(7),
    title="hello/1.1 package update",
    state="open",
    author=99,
    head=TWO,
    branch="octobot/hello/1.1",
    head_repository=RepositoryId(1),
    base="main",
    mergeable=True,
)
OLDER = replace(PULL, number=PullNumber(6), branch="octobot/hello/1.0.5")
ROW = Row(
    key=Key(RepositoryId(1), "hello"),
    path="hello.yaml",
    blob=THREE,
    text="",
    reason=Reason(ReasonCode.UPDATE_FOUND),
    target=TARGET,
    upstream=UPSTREAM,
    generation=1,
    issue=None,
    due=NOW,
    look_due=NOW,
)
VIEW = View(
    key=ROW.key,
    group=None,
    members=(Found(ROW, PACKAGE),),
    config=Config(),
    history=(),
    pulls=(),
    open_pulls=0,
)


def found(
    row: Row = ROW, package: Package | Reason = PACKAGE, sighting: Sighting | None = None
) -> View:
    """The view with the package as it was found."""
    return replace(VIEW, members=(Found(row, package, sighting),))


def past(state: ProposalState, version: str = "1.1", number: int | None = 7) -> Proposed:
    """A ledger row of the package."""
    branch = f"octobot/hello/{version}"
    return Proposed("hello", Version(version), branch, ONE, THREE, TWO, number, state, NOW)


def resting(view: View) -> ReasonCode:
    """The reason code a view rests with."""
    step = decide(view)
    assert isinstance(step, Rest), step
    return step.reasons["hello"].code


def test_a_newer_version_is_proposed() -> None:
    """A target above the spec's version, and nothing in the way, becomes a pull request."""
    step = decide(VIEW)
    assert isinstance(step, Propose)
    assert (step.parts[0].bump.branch, step.replaces) == ("octobot/hello/1.1", ())


def test_an_open_pull_request_of_the_target_is_judged() -> None:
    """The pull request of the wanted version is landed, not proposed again."""
    assert decide(replace(VIEW, pulls=(PULL,))) == Land(PULL, (Member(ROW, PACKAGE),))


def test_an_older_pull_request_is_replaced() -> None:
    """A newer version supersedes the open pull request of an older one."""
    step = decide(replace(VIEW, pulls=(OLDER,)))
    assert isinstance(step, Propose)
    assert step.replaces == (OLDER,)


KEPT = Candidate(Release("v1.0.5", TWO), Version("1.0.5"))
OPEN_ROW = replace(past("open", "1.0.5", 6), branch=OLDER.branch)


def kept(code: ReasonCode = ReasonCode.MINIMUM_RELEASE_AGE, *, moved: Sha | None = None) -> View:
    """1.0.5 is open, and 1.1 is known."""
    row = replace(ROW, reason=Reason(code))
    seen = Sighting(Observation("v1.0.5", TWO, None, NOW), moved)
    member = Found(row, PACKAGE, None, opened=Opened(KEPT, seen))
    return replace(VIEW, members=(member,), pulls=(OLDER,), history=(OPEN_ROW,))


def test_an_older_pull_request_that_only_waits_is_kept() -> None:
    """It is judged as what it proposes, and says that a newer version waits."""
    row = replace(kept().members[0].row, target=KEPT)
    assert decide(kept()) == Land(OLDER, (Member(row, PACKAGE),), newer=True)


@pytest.mark.parametrize("code", sorted(WAITING))
def test_whatever_only_takes_time_keeps_it(code: ReasonCode) -> None:
    """Each of these ends by itself, or by a person."""
    assert isinstance(decide(kept(code)), Land)


@pytest.mark.parametrize(
    "view",
    [
        kept(ReasonCode.CHECKS_FAILED),
        kept(ReasonCode.UNUSUAL_JUMP),
        kept(ReasonCode.AUTOMERGE_OFF),
        replace(kept(), ordered=OrderedSteps(newest=True)),
        replace(kept(), urgent=True),
        replace(kept(), history=()),
        replace(kept(), members=(replace(kept().members[0], opened=None),)),
        replace(kept(), members=(replace(kept().members[0], opened=Opened(KEPT, None)),)),
    ],
    ids=["failed", "blocked", "person", "ordered", "fix", "unknown", "withdrawn", "unseen"],
)
def test_what_more_than_time_is_missing_of_is_replaced(view: View) -> None:
    """So it is for an order, a fix, and what upstream or the ledger does not have any more."""
    step = decide(view)
    assert isinstance(step, Propose)
    assert (step.parts[0].bump.target, step.replaces) == (TARGET, (OLDER,))


def test_one_that_is_newer_than_the_target_is_not_kept() -> None:
    """What was ignored or withdrawn, and what `require-sequential` goes to first, is no newer."""
    row = replace(ROW, target=Candidate(Release("v1.0.2", ONE), Version("1.0.2")))
    view = replace(kept(), members=(replace(kept().members[0], row=row),))
    assert isinstance(decide(view), Propose)


def test_a_kept_one_is_recreated_as_it_was() -> None:
    """Another base is no reason to go to the newest version."""
    again = replace(OPEN_ROW, renews=OLDER.head)
    step = decide(replace(kept(ReasonCode.CONFLICT), history=(again,)))
    assert isinstance(step, Propose)
    assert (step.parts[0].bump.target, step.replaces) == (KEPT, ())


def test_a_kept_one_replaces_what_a_crash_left_open() -> None:
    """The step that opened it did not close the one before."""
    oldest = replace(OLDER, number=PullNumber(5), branch="octobot/hello/1.0.1")
    left = replace(past("open", "1.0.1", 5), branch=oldest.branch)
    view = replace(kept(), pulls=(oldest, OLDER), history=(OPEN_ROW, left))
    assert decide(view) == Supersede((oldest,), OLDER)


def test_a_tag_of_a_kept_one_that_moved_freezes() -> None:
    """It would be merged under the name that moved."""
    assert isinstance(decide(kept(moved=ONE)), Close)


def test_a_package_gets_so_many_pull_requests_a_day() -> None:
    """The detail says how many there were, and when the next may be; an order is exempt."""
    today = tuple(NOW - timedelta(hours=hours) for hours in range(4))
    step = decide(replace(VIEW, opened_today=today))
    assert isinstance(step, Rest)
    assert step.reasons["hello"] == Reason(
        ReasonCode.PR_LIMIT_REACHED,
        "4 were opened for it within 24 hours; the next one may be opened at 2026-05-02 09:00 UTC",
    )
    assert isinstance(decide(replace(VIEW, opened_today=today[:3])), Propose)
    ordered = OrderedSteps(newest=True)
    assert isinstance(decide(replace(VIEW, opened_today=today, ordered=ordered)), Propose)
    none = replace(VIEW, config=Config(package_pull_requests_per_day=0))
    assert resting(none) is ReasonCode.PR_LIMIT_REACHED


def test_a_spent_pull_request_is_withdrawn() -> None:
    """A pull request whose version the spec has reached by another way is closed."""
    view = replace(found(package=replace(PACKAGE, version=Version("1.1"))), pulls=(PULL,))
    over = Reason(ReasonCode.UP_TO_DATE)
    assert decide(view) == Close((PULL,), over, {"hello": over})


def test_a_proposal_that_is_not_listed_is_settled_first() -> None:
    """What became of a lost pull request is found out before anything else is done."""
    assert decide(replace(VIEW, history=(past("open"),))) == RecordEnd(past("open"))


def test_a_version_closed_by_a_person_is_not_proposed_again() -> None:
    """A person's no holds for that version only."""
    assert resting(replace(VIEW, history=(past("closed-by-person"),))) is ReasonCode.CLOSED_BY_USER
    assert isinstance(decide(replace(VIEW, history=(past("closed-by-person", "1.0.9"),))), Propose)


def test_a_withdrawn_version_may_come_back() -> None:
    """What octobot itself closed is proposed again when it is wanted again."""
    assert isinstance(decide(replace(VIEW, history=(past("withdrawn"),))), Propose)


def test_a_merged_version_is_not_proposed_while_the_spec_lags() -> None:
    """After a merge the default branch may be read late; that makes no second pull request."""
    assert resting(replace(VIEW, history=(past("merged"),))) is ReasonCode.MERGED


def test_a_moved_tag_freezes_everything() -> None:
    """A tag seen at two commits: the pull request goes, an alarm is raised, then rest."""
    seen = Observation("v1.1", ONE, None, NOW)
    sighting = Sighting(seen, moved_to=TWO)
    moved = found(sighting=sighting)
    assert isinstance(decide(moved), Alarm)
    assert isinstance(decide(replace(moved, pulls=(PULL,))), Close)
    assert resting(found(replace(ROW, issue=3), sighting=sighting)) is ReasonCode.TAG_MOVED


def test_a_followed_branch_may_move() -> None:
    """The head of a branch moves by nature and freezes nothing."""
    branch = replace(UPSTREAM, kind="branch")
    seen = Sighting(Observation("main", ONE, None, NOW), moved_to=TWO)
    assert isinstance(decide(found(replace(ROW, upstream=branch), sighting=seen)), Propose)


def test_a_manual_package_becomes_one_issue() -> None:
    """A person's bump is announced once and then rests."""
    manual = replace(PACKAGE, update=UpdateBlock(enabled=True, manual=True))
    assert isinstance(decide(found(package=manual)), Announce)
    told = replace(ROW, issue=3, reason=Reason(ReasonCode.MANUAL))
    assert resting(found(told, manual)) is ReasonCode.MANUAL


def test_the_repositorys_file_can_stop_octobot() -> None:
    """Paused, held, unreadable or full: each rests with its own reason."""
    hold = Config(packages=(PackageRule("hel*", hold="ABI"),))
    assert resting(replace(VIEW, config=Config(paused=True))) is ReasonCode.PAUSED
    assert resting(replace(VIEW, config=hold)) is ReasonCode.ON_HOLD
    assert resting(replace(VIEW, config=Reason(ReasonCode.BAD_CONFIG))) is ReasonCode.BAD_CONFIG
    assert resting(replace(VIEW, open_pulls=100)) is ReasonCode.PR_LIMIT_REACHED


def test_an_unreadable_spec_rests_with_its_reason() -> None:
    """A broken spec stops its own package, with the reader's reason."""
    broken = Reason(ReasonCode.BAD_SPEC, "a tab")
    assert decide(found(package=broken)) == Rest({"hello": broken})


def test_without_a_target_the_merge_is_remembered() -> None:
    """After its bump was merged, a package rests as merged; else as the look found it."""
    reached = found(replace(ROW, target=None))
    assert resting(reached) is ReasonCode.UP_TO_DATE
    merged = replace(reached, history=(past("merged", "1.0"),))
    assert resting(merged) is ReasonCode.MERGED
