"""The one pure decision, as a table of what was gathered."""

from dataclasses import replace
from datetime import UTC, datetime

from octobot.flows.reconcile.decide import decide
from octobot.flows.view import (
    Alarm,
    Announce,
    Close,
    Found,
    Land,
    Member,
    Propose,
    RecordEnd,
    Rest,
    View,
)
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
