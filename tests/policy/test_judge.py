from collections.abc import Callable, Iterator
from dataclasses import fields, is_dataclass, replace
from datetime import UTC, datetime, timedelta
from subprocess import run
from typing import Any, Literal, cast

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from octobot.model.bump import Proposed
from octobot.model.config import Ages, Config, PackageRule, SuggestionRules
from octobot.model.ids import (
    InstallationId,
    PullNumber,
    Repository,
    RepositoryId,
    Sha,
    Version,
    Watched,
)
from octobot.model.pull_request import (
    CheckRun,
    CommitStatus,
    Conclusion,
    MergeRequirements,
    MergeTry,
    Objection,
    ObjectionKind,
    PullRequest,
    PullState,
    RequiredCheck,
    TreeChange,
)
from octobot.model.reasons import Reason, ReasonCode
from octobot.model.release import Observation
from octobot.model.suggestion import AppliedFixes, FixClass
from octobot.model.verdict import FinalCheck, Jump, Memory, Outcome, Snapshot, Urgency
from octobot.policy.final_check import final_check_is_next
from octobot.policy.judge import judge
from octobot.policy.objections import nobody_objects
from octobot.policy.requirements import refusals_are_past
from octobot.policy.rules import RULES, blob_id

NOW = datetime(2026, 8, 22, 12, tzinfo=UTC)
HEAD, TAG, OTHER = Sha("a" * 40), Sha("b" * 40), Sha("c" * 40)
BOT, APP, ACTIONS = 4242, 77, 15368
BEFORE, AFTER = 'version: "1.0"\n', 'version: "1.1"\n'
BUILD = CheckRun(1, "build", ACTIONS, "completed", "success")
ANN = Objection(5, "ann")

GOOD = Snapshot(
    watched=Watched(InstallationId(1), RepositoryId(9), Repository("distro", "os"), "main"),
    state=PullState(
        pull=PullRequest(
            number=PullNumber(5),
            title="curl/1.1 package update",
            state="open",
            author=BOT,
            head=HEAD,
            branch="octobot/curl/1.1",
            head_repository=RepositoryId(9),
            base="main",
            mergeable=True,
        ),
        commits=(HEAD,),
        changes=(TreeChange("curl.yaml", "100644", "100644", BEFORE, AFTER),),
        checks=(BUILD,),
        required=(RequiredCheck("build", ACTIONS),),
        approved=False,
        objections=(),
    ),
    memory=Memory(
        proposed=Proposed(
            package="curl",
            version=Version("1.1"),
            branch="octobot/curl/1.1",
            base=OTHER,
            blob=Sha(blob_id(AFTER)),
            head=HEAD,
            number=PullNumber(5),
            state="open",
            at=NOW - timedelta(days=3),
        ),
        ledger=frozenset({HEAD}),
        observation=Observation("v1.1", TAG, None, NOW - timedelta(days=2)),
        tag_now=TAG,
        base_unchanged=True,
        final_check=FinalCheck(pins=None, second_source=None, overrides=None),
    ),
    config=Config(),
    unexpected=(),
    bot=BOT,
    app=APP,
    now=NOW,
    jump=Jump(Version("1.0"), Version("1.1"), "minor", 0),
)

Change = Callable[[Snapshot], Snapshot]
Status = Literal["queued", "in_progress", "completed", "waiting", "requested", "pending"]
CONCLUSIONS: tuple[Conclusion, ...] = (
    "failure",
    "neutral",
    "cancelled",
    "timed_out",
    "action_required",
    "skipped",
    "stale",
    "startup_failure",
)
UNFINISHED: tuple[Status, ...] = ("queued", "in_progress", "waiting", "requested", "pending")


def pull(**changes: Any) -> Change:  # noqa: ANN401 (fields of a noun)
    """Change fields of the pull request."""
    return lambda s: replace(s, state=replace(s.state, pull=replace(s.state.pull, **changes)))


def state(**changes: Any) -> Change:  # noqa: ANN401 (fields of a noun)
    """Change what GitHub says of the head commit."""
    return lambda s: replace(s, state=replace(s.state, **changes))


def memory(**changes: Any) -> Change:  # noqa: ANN401 (fields of a noun)
    """Change what octobot remembers."""
    return lambda s: replace(s, memory=replace(s.memory, **changes))


def proposed(**changes: Any) -> Change:  # noqa: ANN401 (fields of a noun)
    """Change the ledger's row."""
    old = GOOD.memory.proposed
    assert old is not None
    return memory(proposed=replace(old, **changes))


def looked(
    *,
    pins: Reason | None = None,
    second_source: Reason | None = None,
    overrides: Reason | None = None,
) -> Change:
    """Change what the last look found."""
    return memory(final_check=FinalCheck(pins, second_source, overrides))


def stream(before: str, after: str) -> Change:
    """Let the package be `curl-1.0`, and go from one version to another."""
    jump = Jump(Version(before), Version(after), "minor", 0)

    def change(snapshot: Snapshot) -> Snapshot:
        proposed, (changed,) = snapshot.memory.proposed, snapshot.state.changes
        assert proposed
        blob = proposed.blob
        named = replace(proposed, package="curl-1.0", files=(("curl-1.0.yaml", blob),))
        changes = (replace(changed, path="curl-1.0.yaml"),)
        return all_of(memory(proposed=named), state(changes=changes))(replace(snapshot, jump=jump))

    return change


def jumped(**changes: Any) -> Change:  # noqa: ANN401 (fields of a noun)
    """Change how far the version goes."""
    old = GOOD.jump
    assert old is not None
    return lambda s: replace(s, jump=replace(old, **changes))


def status(state_: str, creator: int = 7, context: str = "legal") -> CommitStatus:
    """Make a commit status."""
    return CommitStatus(context, creator, cast("Any", state_))


def config(**changes: Any) -> Change:  # noqa: ANN401 (fields of a noun)
    """Change the repository's settings."""
    return lambda s: replace(s, config=Config(**changes))


def rule(**changes: Any) -> Change:  # noqa: ANN401 (fields of a noun)
    """Return the change of a snapshot that adds a rule for curl."""
    return config(packages=(PackageRule("curl", **changes),))


def tree(**changes: Any) -> Change:  # noqa: ANN401 (fields of a noun)
    """Change the one changed path."""
    return state(changes=(replace(GOOD.state.changes[0], **changes),))


def checks(*runs: CheckRun, required: tuple[RequiredCheck, ...] | None = None) -> Change:
    """Change the check runs, and what is required of them."""
    return state(checks=runs, required=GOOD.state.required if required is None else required)


def build(
    conclusion: Conclusion | None,
    status: Status = "completed",
    **changes: Any,  # noqa: ANN401 (fields of a noun)
) -> CheckRun:
    """Make a run of the required check."""
    return replace(BUILD, conclusion=conclusion, status=status, **changes)


def all_of(*changes: Change) -> Change:
    """Apply several changes in order."""

    def apply(snapshot: Snapshot) -> Snapshot:
        for change in changes:
            snapshot = change(snapshot)
        return snapshot

    return apply


OBJECTIONS: dict[ObjectionKind, ReasonCode] = {
    "review": ReasonCode.CHANGES_REQUESTED,
    "draft": ReasonCode.DRAFT,
    "auto-merge": ReasonCode.AUTO_MERGE_DISABLED,
    "merge-queue": ReasonCode.DEQUEUED,
    "conversation": ReasonCode.UNRESOLVED_CONVERSATION,
}
TALK = MergeRequirements(conversations=True)
"""Protection requires that conversations are resolved."""


def label(name: str) -> Objection:
    """Return a label that somebody put there."""
    return Objection(5, "ann", "label", label=name)


def refused(**ago: int) -> MergeTry:
    """Return a merge of the head that GitHub refused."""
    return MergeTry(HEAD, "api", NOW - timedelta(**ago), refused="No.")


def left(
    way: Literal["queue", "auto"] = "queue", *, cancelled: bool = False, **ago: int
) -> MergeTry:
    """Return a merge of the head that was left to GitHub."""
    return MergeTry(HEAD, way, NOW - timedelta(**ago), cancelled=cancelled)


def tries(*found: MergeTry) -> Change:
    """Change what GitHub was asked to merge, newest first."""
    return memory(tries=found)


def test_a_good_pull_request_merges() -> None:
    """When every rule is satisfied the verdict is merge, for exactly this head."""
    verdict = judge(GOOD)

    assert verdict.outcome is Outcome.MERGE
    assert verdict.reason == Reason(ReasonCode.READY)
    assert verdict.head == HEAD
    assert verdict.again is None
    assert len(verdict.rulings) == len(RULES) == len({r.rule for r in verdict.rulings})
    assert all(ruling.reason.detail for ruling in verdict.rulings)


BAD_CONFIG = Reason(ReasonCode.BAD_CONFIG, "no")
ANY_BUILD = RequiredCheck("build")
LEGAL = RequiredCheck("legal", creator=7)
DROPPED = Reason(ReasonCode.OVERRIDE_DROPPED, "upstream is not known to be past x@v1")
YOUNG = Observation("v1.1", TAG, None, NOW - timedelta(hours=2))
BOTH = Urgency(("GHSA-1",), "pypi curl")


def hurried(urgency: Urgency | None, **settings: Any) -> Change:  # noqa: ANN401 (fields of a noun)
    """Make the release two hours old, with something that speaks for hurrying."""
    said = {"vulnerability_release_age": timedelta(hours=1), **settings}
    return all_of(config(**said), memory(observation=YOUNG, urgency=urgency))


def mended(*classes: FixClass, by_model: bool = False) -> Change:
    """Make a suggestion of these edits applied."""
    return memory(fixes=AppliedFixes(frozenset(classes), by_model))


def letting(*classes: FixClass) -> Change:
    """Make the file let these edits pass without an approval."""
    return config(suggestions=SuggestionRules(merge=classes))


OURS = CheckRun(8, "octobot", APP, "in_progress", None)

BLOCKS: list[tuple[str, Change, ReasonCode]] = [
    (
        "the queue removed it twice",
        tries(left(hours=1), left(hours=2)),
        ReasonCode.MERGE_QUEUE_FAILED,
    ),
    (
        "GitHub disabled auto-merge twice",
        all_of(tries(left("auto", hours=1), left("auto", hours=2)), state(removed="conflict")),
        ReasonCode.MERGE_QUEUE_FAILED,
    ),
    (
        "the queue removed it twice, and has it again",
        all_of(tries(left(hours=1), left(hours=2), left(hours=3)), state(left="queue")),
        ReasonCode.MERGE_QUEUE_FAILED,
    ),
    ("settings unreadable", lambda s: replace(s, config=BAD_CONFIG), ReasonCode.BAD_CONFIG),
    ("merged already", pull(state="merged"), ReasonCode.MERGED),
    ("closed by a person", pull(state="closed", closed_by=1), ReasonCode.CLOSED_BY_USER),
    ("closed by nobody known", pull(state="closed"), ReasonCode.CLOSED_BY_USER),
    ("closed by octobot", pull(state="closed", closed_by=BOT), ReasonCode.NOT_MERGEABLE),
    # row 65: a fork with our branch name, title and author name
    ("from a fork", pull(head_repository=RepositoryId(10)), ReasonCode.HEAD_IN_FORK),
    ("from a fork that is gone", pull(head_repository=None), ReasonCode.HEAD_IN_FORK),
    ("turned to another base", pull(base="release"), ReasonCode.WRONG_BASE),
    # rows 11 to 14: identity is a number
    ("another author", pull(author=BOT * 10), ReasonCode.UNKNOWN_COMMIT),
    ("an author with our digits in it", pull(author=14242), ReasonCode.UNKNOWN_COMMIT),
    ("never proposed", memory(proposed=None), ReasonCode.UNKNOWN_COMMIT),
    ("proposed from elsewhere", proposed(branch="octobot/curl/1.2"), ReasonCode.UNKNOWN_COMMIT),
    ("withdrawn", proposed(state="withdrawn"), ReasonCode.NOT_MERGEABLE),
    ("superseded", proposed(state="superseded"), ReasonCode.NOT_MERGEABLE),
    # rows 12 and 64: commits
    ("a person pushed", state(commits=(HEAD, OTHER)), ReasonCode.UNKNOWN_COMMIT),
    ("a person pushed first", state(commits=(OTHER, HEAD)), ReasonCode.UNKNOWN_COMMIT),
    (
        "a person's commit is the head",
        all_of(pull(head=OTHER), state(commits=(HEAD, OTHER))),
        ReasonCode.UNKNOWN_COMMIT,
    ),
    ("the list of commits lags behind a push", pull(head=OTHER), ReasonCode.UNKNOWN_COMMIT),
    ("the ledger is lost", memory(ledger=frozenset()), ReasonCode.UNKNOWN_COMMIT),
    ("only the abbreviated id is known", memory(ledger={HEAD[:39]}), ReasonCode.UNKNOWN_COMMIT),
    # rows 10 and 66: what it changes
    ("nothing changes", state(changes=()), ReasonCode.UNEXPECTED_CHANGE),
    (
        "a second file",
        state(changes=(*GOOD.state.changes, TreeChange("x.sh", "", "100755", None, "id"))),
        ReasonCode.UNEXPECTED_CHANGE,
    ),
    ("another file", tree(path=".github/workflows/ci.yaml"), ReasonCode.UNEXPECTED_CHANGE),
    ("another spec", tree(path="curl-dev.yaml"), ReasonCode.UNEXPECTED_CHANGE),
    ("a spec in a folder", tree(path="x/curl.yaml"), ReasonCode.UNEXPECTED_CHANGE),
    ("the path twice", state(changes=GOOD.state.changes * 2), ReasonCode.UNEXPECTED_CHANGE),
    ("made executable", tree(after_mode="100755"), ReasonCode.UNEXPECTED_CHANGE),
    ("made a link", tree(after_mode="120000"), ReasonCode.UNEXPECTED_CHANGE),
    ("was a link", tree(before_mode="120000"), ReasonCode.UNEXPECTED_CHANGE),
    ("new", tree(before_mode="", before=None), ReasonCode.UNEXPECTED_CHANGE),
    ("removed", tree(after_mode="", after=None), ReasonCode.UNEXPECTED_CHANGE),
    ("not text", tree(after=None), ReasonCode.UNEXPECTED_CHANGE),
    ("was not text", tree(before=None), ReasonCode.UNEXPECTED_CHANGE),
    ("same text", all_of(tree(before=AFTER)), ReasonCode.UNEXPECTED_CHANGE),
    ("other text", tree(after=AFTER + "runs: id\n"), ReasonCode.UNEXPECTED_CHANGE),
    ("other line ends", tree(after=AFTER.replace("\n", "\r\n")), ReasonCode.UNEXPECTED_CHANGE),
    ("a byte order mark", tree(after="\ufeff" + AFTER), ReasonCode.UNEXPECTED_CHANGE),
    ("a lone surrogate", tree(after=AFTER + "\ud800"), ReasonCode.UNEXPECTED_CHANGE),
    (
        "a foreign field",
        lambda s: replace(s, unexpected=("pipeline[0].runs",)),
        ReasonCode.UNEXPECTED_CHANGE,
    ),
    ("the line is stopped", memory(merging_halted="wrong tree"), ReasonCode.MERGING_HALTED),
    ("the line is stopped, no words", memory(merging_halted=""), ReasonCode.MERGING_HALTED),
    # the tag
    ("the tag moved", memory(tag_now=OTHER), ReasonCode.TAG_MOVED),
    ("the spec was edited meanwhile", memory(base_unchanged=False), ReasonCode.CONFLICT),
    # row 28 and 72: checks
    ("nothing required", state(required=()), ReasonCode.NO_REQUIRED_CHECKS),
    (
        "only our own check required",
        checks(OURS, required=(RequiredCheck("octobot", APP),)),
        ReasonCode.NO_REQUIRED_CHECKS,
    ),
    (
        "only our own check required, by name",
        checks(OURS, required=(RequiredCheck("octobot"),)),
        ReasonCode.NO_REQUIRED_CHECKS,
    ),
    *[
        (f"conclusion {conclusion}", checks(build(conclusion)), ReasonCode.CHECKS_FAILED)
        for conclusion in CONCLUSIONS
    ],
    (
        "another App fails a check of any App",
        checks(BUILD, build("failure", id=2, app=3), required=(ANY_BUILD,)),
        ReasonCode.CHECKS_FAILED,
    ),
    (
        "one failed while another runs",
        checks(
            build("failure"),
            build(None, "queued", name="test"),
            required=(RequiredCheck("build", ACTIONS), RequiredCheck("test", ACTIONS)),
        ),
        ReasonCode.CHECKS_FAILED,
    ),
    (
        "a check that only the file requires fails",
        all_of(
            config(required_checks=(RequiredCheck("scan", 3),)),
            checks(BUILD, build("failure", name="scan", app=3)),
        ),
        ReasonCode.CHECKS_FAILED,
    ),
    (
        "a status that the file requires failed",
        all_of(config(required_checks=(LEGAL,)), state(statuses=(status("failure"),))),
        ReasonCode.CHECKS_FAILED,
    ),
    (
        "a status that the file requires broke",
        all_of(config(required_checks=(LEGAL,)), state(statuses=(status("error"),))),
        ReasonCode.CHECKS_FAILED,
    ),
    # row 57: versions that jump, or are numbered in a new way
    ("a jump of two majors", jumped(size="major", steps=2), ReasonCode.UNUSUAL_JUMP),
    ("a huge jump", jumped(size="major", steps=99998), ReasonCode.UNUSUAL_JUMP),
    ("dates after numbers", jumped(scheme="plain to date"), ReasonCode.UNUSUAL_JUMP),
    ("a jump that is not known", lambda s: replace(s, jump=None), ReasonCode.UNUSUAL_JUMP),
    (
        "a jump larger than this package's",
        all_of(rule(largest_jump=0), jumped(size="major", steps=1)),
        ReasonCode.UNUSUAL_JUMP,
    ),
    ("another version stream", stream("1.0", "1.1"), ReasonCode.LEAVES_STREAM),
    ("a longer number", stream("1.0", "10.0"), ReasonCode.LEAVES_STREAM),
    ("a conflict", pull(mergeable=False), ReasonCode.CONFLICT),
    ("a raised dependency falls back", looked(overrides=DROPPED), ReasonCode.OVERRIDE_DROPPED),
    # rows 52 and 59: what was pinned is looked up a second time
    ("a pinned tag moved", looked(pins=Reason(ReasonCode.TAG_MOVED)), ReasonCode.TAG_MOVED),
    (
        "a pinned file changed",
        looked(pins=Reason(ReasonCode.CHECKSUM_CHANGED)),
        ReasonCode.CHECKSUM_CHANGED,
    ),
]

WAITS: list[tuple[str, Change, ReasonCode]] = [
    ("paused", config(paused=True), ReasonCode.PAUSED),
    ("held", rule(hold="wait for ICU"), ReasonCode.ON_HOLD),
    ("automerge off", config(automerge=False), ReasonCode.AUTOMERGE_OFF),
    ("automerge off for it", rule(automerge=False), ReasonCode.AUTOMERGE_OFF),
    ("commit list lags", state(commits=()), ReasonCode.UNKNOWN_COMMIT),
    # row 72: the right name from another App is not the check
    ("posted by another App", checks(build("success", app=3)), ReasonCode.CHECKS_PENDING),
    ("not posted", checks(), ReasonCode.CHECKS_PENDING),
    ("another name", checks(build("success", name="Build")), ReasonCode.CHECKS_PENDING),
    *[
        (f"status {status}", checks(build(None, status)), ReasonCode.CHECKS_PENDING)
        for status in UNFINISHED
    ],
    ("no conclusion yet", checks(build(None)), ReasonCode.CHECKS_PENDING),
    (
        "success then a re-run",
        checks(BUILD, build(None, "in_progress", id=2)),
        ReasonCode.CHECKS_PENDING,
    ),
    (
        "failure then a re-run",
        checks(build("failure"), build(None, "queued", id=2)),
        ReasonCode.CHECKS_PENDING,
    ),
    (
        "a run with a stale conclusion",
        checks(build("success", "queued")),
        ReasonCode.CHECKS_PENDING,
    ),
    (
        "a check that only the file requires is missing",
        config(required_checks=(RequiredCheck("scan", 3),)),
        ReasonCode.CHECKS_PENDING,
    ),
    (
        "a status that the file requires is missing",
        config(required_checks=(LEGAL,)),
        ReasonCode.CHECKS_PENDING,
    ),
    (
        "a status of the right name by somebody else",
        all_of(config(required_checks=(LEGAL,)), state(statuses=(status("success", 8),))),
        ReasonCode.CHECKS_PENDING,
    ),
    (
        "a status that is set again",
        all_of(config(required_checks=(LEGAL,)), state(statuses=(status("pending"),))),
        ReasonCode.CHECKS_PENDING,
    ),
    (
        "a check run in place of a status",
        all_of(config(required_checks=(LEGAL,)), checks(BUILD, build("success", name="legal"))),
        ReasonCode.CHECKS_PENDING,
    ),
    (
        "a status in place of a check run",
        all_of(checks(), state(statuses=(status("success", ACTIONS, "build"),))),
        ReasonCode.CHECKS_PENDING,
    ),
    (
        "a status that the file does not allow",
        all_of(
            checks(BUILD, required=(*GOOD.state.required, RequiredCheck("legal"))),
            state(statuses=(status("success"),)),
        ),
        ReasonCode.CHECKS_PENDING,
    ),
    ("the base moved on, and protection minds", state(behind=True), ReasonCode.BEHIND),
    (
        "overrides cannot be compared",
        looked(overrides=Reason(ReasonCode.PIN_UNRESOLVED)),
        ReasonCode.PIN_UNRESOLVED,
    ),
    # incident 3: a security fix hurries on two independent signals only
    ("nobody asked whether it is urgent", hurried(None), ReasonCode.MINIMUM_RELEASE_AGE),
    ("nothing is fixed", hurried(Urgency((), "pypi curl")), ReasonCode.MINIMUM_RELEASE_AGE),
    ("nobody confirms it", hurried(Urgency(("GHSA-1",), "")), ReasonCode.MINIMUM_RELEASE_AGE),
    (
        "urgent, but nothing may hurry",
        hurried(BOTH, vulnerability_release_age=None),
        ReasonCode.MINIMUM_RELEASE_AGE,
    ),
    (
        "urgent, but younger than that, too",
        hurried(BOTH, vulnerability_release_age=timedelta(hours=3)),
        ReasonCode.MINIMUM_RELEASE_AGE,
    ),
    (
        "the age of minor jumps",
        config(minimum_release_age=Ages(minor=timedelta(days=3), major=timedelta(0))),
        ReasonCode.MINIMUM_RELEASE_AGE,
    ),
    # row 44: age is by our own clock only
    ("never seen", memory(observation=None), ReasonCode.MINIMUM_RELEASE_AGE),
    (
        "seen an hour ago",
        memory(observation=Observation("v1.1", TAG, None, NOW - timedelta(hours=1))),
        ReasonCode.MINIMUM_RELEASE_AGE,
    ),
    (
        "seen in the future",
        all_of(
            config(minimum_release_age=timedelta(0)),
            memory(observation=Observation("v1.1", TAG, None, NOW + timedelta(seconds=1))),
        ),
        ReasonCode.MINIMUM_RELEASE_AGE,
    ),
    ("its own age", rule(minimum_release_age=timedelta(days=7)), ReasonCode.MINIMUM_RELEASE_AGE),
    ("the base's text is not known", memory(base_unchanged=None), ReasonCode.CONFLICT),
    (
        "what it pins was seen late",
        proposed(at=NOW - timedelta(hours=1)),
        ReasonCode.MINIMUM_RELEASE_AGE,
    ),
    ("tag unreadable", memory(tag_now=None), ReasonCode.UPSTREAM_UNREACHABLE),
    ("not looked at again", memory(final_check=None), ReasonCode.PIN_UNRESOLVED),
    (
        "a pin cannot be looked up",
        looked(pins=Reason(ReasonCode.PIN_UNRESOLVED)),
        ReasonCode.PIN_UNRESOLVED,
    ),
    (
        "the second source does not know it",
        looked(second_source=Reason(ReasonCode.SECOND_SOURCE_UNCONFIRMED)),
        ReasonCode.SECOND_SOURCE_UNCONFIRMED,
    ),
    # a monitor's version has no commit: its age is the proposal's
    (
        "announced long ago, proposed an hour ago",
        all_of(
            memory(observation=Observation("1.1", None, None, NOW - timedelta(days=9))),
            proposed(at=NOW - timedelta(hours=1)),
        ),
        ReasonCode.MINIMUM_RELEASE_AGE,
    ),
    ("approval wanted", rule(approval=True), ReasonCode.NEEDS_APPROVAL),
    ("changes requested", state(objections=(ANN,)), ReasonCode.CHANGES_REQUESTED),
    ("reviews not known", state(objections=None), ReasonCode.CHANGES_REQUESTED),
    (
        "changes requested, and somebody else approved",
        all_of(rule(approval=True), state(objections=(ANN,), approved=True)),
        ReasonCode.CHANGES_REQUESTED,
    ),
    *(
        (f"an objection: {kind}", state(objections=(Objection(5, "ann", kind),), wants=TALK), code)
        for kind, code in OBJECTIONS.items()
    ),
    *(
        (
            f"an objection to an older one, and an approval: {kind}",
            state(objections=(Objection(5, "ann", kind, 4),), wants=TALK, approved=True),
            code,
        )
        for kind, code in OBJECTIONS.items()
    ),
    ("a blocking label", state(objections=(label("DO-not-merge"),)), ReasonCode.BLOCKING_LABEL),
    (
        "a label that the file names",
        all_of(config(blocking_labels=("abi",)), state(objections=(label("x"), label("abi")))),
        ReasonCode.BLOCKING_LABEL,
    ),
    (
        "GitHub requires a review",
        state(wants=MergeRequirements(review="REVIEW_REQUIRED")),
        ReasonCode.NEEDS_APPROVAL,
    ),
    (
        "GitHub requires a review, and the merge is its queue's",
        all_of(config(merge_by="queue"), state(wants=MergeRequirements(review="REVIEW_REQUIRED"))),
        ReasonCode.NEEDS_APPROVAL,
    ),
    (
        "the queue may have it, and is hidden",
        all_of(tries(left(hours=9)), state(hidden=frozenset({"queue"}))),
        ReasonCode.LEFT_TO_GITHUB,
    ),
    (
        "auto-merge may wait, and is hidden",
        all_of(tries(left("auto", hours=9)), state(hidden=frozenset({"auto"}))),
        ReasonCode.LEFT_TO_GITHUB,
    ),
    (
        "a required queue is hidden",
        all_of(config(merge_by="queue"), state(queue=True, hidden=frozenset({"queue"}))),
        ReasonCode.MERGE_NOT_ALLOWED,
    ),
    (
        "auto-merge is hidden, and a review is wanted",
        all_of(
            config(merge_by="auto"),
            state(wants=MergeRequirements(review="REVIEW_REQUIRED"), hidden=frozenset({"auto"})),
        ),
        ReasonCode.NEEDS_APPROVAL,
    ),
    (
        "the queue is hidden, and the method not allowed",
        all_of(
            config(merge_by="queue"),
            state(wants=MergeRequirements(methods=("merge",)), hidden=frozenset({"queue"})),
        ),
        ReasonCode.MERGE_NOT_ALLOWED,
    ),
    (
        "the method is not allowed",
        state(wants=MergeRequirements(methods=("merge", "rebase"))),
        ReasonCode.MERGE_NOT_ALLOWED,
    ),
    (
        "no method is allowed",
        all_of(config(merge_by="auto"), state(wants=MergeRequirements(methods=()))),
        ReasonCode.MERGE_NOT_ALLOWED,
    ),
    ("the queue is required", state(queue=True), ReasonCode.MERGE_NOT_ALLOWED),
    (
        "a commit is not signed",
        state(wants=MergeRequirements(unsigned=True)),
        ReasonCode.MERGE_NOT_ALLOWED,
    ),
    (
        "auto-merge is not allowed, and a review is missing",
        all_of(
            config(merge_by="auto"),
            state(wants=MergeRequirements(auto_merge=False, review="REVIEW_REQUIRED")),
        ),
        ReasonCode.MERGE_NOT_ALLOWED,
    ),
    ("refused a minute ago", tries(refused(minutes=1)), ReasonCode.MERGE_REFUSED),
    (
        "refused twice, an hour ago last",
        tries(refused(hours=1), refused(hours=2)),
        ReasonCode.MERGE_REFUSED,
    ),
    (
        "refused three times today",
        tries(refused(hours=19), refused(hours=23), refused(hours=23, minutes=30)),
        ReasonCode.MERGE_REFUSED,
    ),
    ("left to GitHub just now", tries(left(seconds=30)), ReasonCode.LEFT_TO_GITHUB),
    (
        "auto-merge ended without a trace",
        tries(left(hours=1, way="auto")),
        ReasonCode.AUTO_MERGE_DISABLED,
    ),
    ("GitHub computes", pull(mergeable=None), ReasonCode.NOT_MERGEABLE),
    ("an applied suggestion", mended("drop-patch"), ReasonCode.NEEDS_APPROVAL),
    (
        "an applied suggestion, and the file lets another pass",
        all_of(mended("drop-patch"), letting("set-field")),
        ReasonCode.NEEDS_APPROVAL,
    ),
    (
        "two applied suggestions, of which the file lets one pass",
        all_of(mended("drop-patch", "set-field"), letting("drop-patch")),
        ReasonCode.NEEDS_APPROVAL,
    ),
    (
        "a model's suggestion, whatever the file lets pass",
        all_of(mended("drop-patch", by_model=True), letting("drop-patch", "set-field")),
        ReasonCode.NEEDS_APPROVAL,
    ),
    (
        "a suggestion of no known edit",
        all_of(mended(by_model=True), letting("drop-patch")),
        ReasonCode.NEEDS_APPROVAL,
    ),
]

PASSES: list[tuple[str, Change]] = [
    ("a label that the file does not name", state(objections=(label("later"),))),
    (
        "the default label, where the file names another",
        all_of(config(blocking_labels=("abi",)), state(objections=(label("do-not-merge"),))),
    ),
    (
        "a conversation that need not be resolved",
        state(objections=(Objection(5, "ann", "conversation"),)),
    ),
    (
        "auto-merge waits for the review that GitHub requires",
        all_of(config(merge_by="auto"), state(wants=MergeRequirements(review="REVIEW_REQUIRED"))),
    ),
    (
        "the queue has its own method",
        all_of(config(merge_by="queue"), state(wants=MergeRequirements(methods=()), queue=True)),
    ),
    (
        "auto-merge goes through the queue",
        all_of(config(merge_by="auto"), state(wants=MergeRequirements(methods=()), queue=True)),
    ),
    (
        "the queue is hidden, and nothing was left to it",
        all_of(config(merge_by="queue"), state(hidden=frozenset({"queue"}))),
    ),
    (
        "auto-merge has it, and the queue is hidden",
        all_of(tries(left("auto", hours=1)), state(left="auto", hidden=frozenset({"queue"}))),
    ),
    ("refused five minutes ago", tries(refused(minutes=5))),
    ("refused twice, four hours ago last", tries(refused(hours=4), refused(hours=5))),
    ("refused three times, a day ago", tries(*[refused(hours=h) for h in (24, 25, 26)])),
    ("another head was refused", tries(replace(refused(minutes=1), head=OTHER))),
    ("the queue has it", all_of(tries(left(hours=1)), state(left="queue"))),
    ("the queue has it since just now", all_of(tries(left(seconds=1)), state(left="queue"))),
    ("the queue removed it once", tries(left(hours=1))),
    ("the queue refused it", tries(replace(left(hours=9), refused="No."), left(hours=10))),
    ("octobot took it back, twice", tries(*[left(hours=h, cancelled=True) for h in (1, 2)])),
    ("GitHub disabled auto-merge once", all_of(tries(left("auto", hours=1)), state(removed="x"))),
    ("another head was removed", tries(*[replace(left(hours=h), head=OTHER) for h in (1, 2)])),
    (
        "a status as the file wants it",
        _with_status := all_of(
            config(required_checks=(LEGAL,)),
            state(statuses=(status("success"), status("error", 8))),
        ),
    ),
    (
        "protection's name is that of an allowed status",
        all_of(
            _with_status,
            checks(BUILD, required=(*GOOD.state.required, RequiredCheck("legal"))),
        ),
    ),
    ("one major step", jumped(size="major", steps=1)),
    ("a running number", jumped(size="major", steps=0)),
    ("a large jump that is allowed", all_of(config(largest_jump=3), jumped(size="major", steps=3))),
    (
        "a large jump that a person approved",
        all_of(jumped(size="major", steps=9, scheme="plain to date"), state(approved=True)),
    ),
    ("the next version of a stream", stream("1.0", "1.0.1")),
    ("a number of the name that is another thing's", stream("3.2", "4.0")),
    ("another stream that a person approved", all_of(stream("1.0", "1.1"), state(approved=True))),
    (
        "a fallen dependency that a person approved",
        all_of(looked(overrides=DROPPED), state(approved=True)),
    ),
    ("urgent by both signals", hurried(BOTH)),
    (
        "urgent, and the full age is the shorter one",
        hurried(
            BOTH,
            vulnerability_release_age=timedelta(days=3),
            minimum_release_age=timedelta(hours=2),
        ),
    ),
    (
        "only major jumps must be old",
        config(minimum_release_age=Ages(major=timedelta(days=30))),
    ),
    ("approved as wanted", all_of(rule(approval=True), state(approved=True))),
    ("any App succeeded", checks(BUILD, required=(ANY_BUILD,))),
    ("several Apps succeeded", checks(BUILD, build("success", app=3), required=(ANY_BUILD,))),
    ("an unrequired check failed", checks(BUILD, build("failure", name="lint"))),
    (
        "our own check is required and runs",
        checks(BUILD, OURS, required=(*GOOD.state.required, RequiredCheck("octobot"))),
    ),
    (
        "only the file requires a check",
        all_of(state(required=()), config(required_checks=GOOD.state.required)),
    ),
    (
        "exactly old enough",
        memory(observation=Observation("v1.1", TAG, None, NOW - timedelta(hours=24))),
    ),
    (
        "a release without a tag",
        memory(observation=Observation("1.1", None, None, GOOD.now - timedelta(2)), tag_now=None),
    ),
    ("the answer of the API was lost", proposed(state="intended", head=None, number=None)),
    ("a suggestion that the file lets pass", all_of(mended("drop-patch"), letting("drop-patch"))),
    (
        "a model's suggestion that a person approved",
        all_of(mended("set-field", by_model=True), state(approved=True)),
    ),
    ("another package is held", config(packages=(PackageRule("curl-*", hold="x"),))),
]


@pytest.mark.parametrize(("change", "code"), [c[1:] for c in BLOCKS], ids=[c[0] for c in BLOCKS])
def test_it_blocks(change: Change, code: ReasonCode) -> None:
    """One fact changed for the worse, and only a person or a new version fixes it."""
    verdict = judge(change(GOOD))
    assert (verdict.outcome, verdict.reason.code) == (Outcome.BLOCK, code)
    assert verdict.again is None


@pytest.mark.parametrize(("change", "code"), [c[1:] for c in WAITS], ids=[c[0] for c in WAITS])
def test_it_waits(change: Change, code: ReasonCode) -> None:
    """One fact is not there yet, so octobot waits."""
    verdict = judge(change(GOOD))
    assert (verdict.outcome, verdict.reason.code) == (Outcome.WAIT, code)


@pytest.mark.parametrize("change", [c[1] for c in PASSES], ids=[c[0] for c in PASSES])
def test_it_merges(change: Change) -> None:
    """A variation that changes nothing of what is asked for."""
    assert judge(change(GOOD)).outcome is Outcome.MERGE


def differences(before: object, after: object, name: str = "") -> Iterator[str]:
    """Name the facts that differ, down to the last field."""
    if is_dataclass(before) and type(before) is type(after):
        for field in fields(before):
            old, new = getattr(before, field.name), getattr(after, field.name)
            yield from differences(old, new, f"{name}.{field.name}")
    elif before != after:
        yield name


@settings(max_examples=200, deadline=None)
@given(st.lists(st.sampled_from(BLOCKS + WAITS), min_size=1, max_size=4))
def test_no_second_fault_makes_a_first_one_good(
    faults: list[tuple[str, Change, ReasonCode]],
) -> None:
    """Two wrongs make no right: any few faults together, each in facts of its own, never merge."""
    snapshot, taken = GOOD, set[str]()
    for _, change, _ in faults:
        touched = set(differences(GOOD, change(GOOD)))
        if not touched & taken:  # else the later one might put right what the first one broke
            snapshot, taken = change(snapshot), taken | touched
    assert judge(snapshot).outcome is not Outcome.MERGE


def test_the_worst_outcome_wins_and_the_first_reason_is_shown() -> None:
    """Paused waits, a conflict blocks: the conflict decides; both are in the rulings."""
    verdict = judge(all_of(config(paused=True), pull(mergeable=False))(GOOD))

    assert verdict.reason.code is ReasonCode.CONFLICT
    assert ReasonCode.PAUSED in {ruling.reason.code for ruling in verdict.rulings}

    verdict = judge(all_of(rule(approval=True), memory(tag_now=None))(GOOD))

    assert verdict.reason.code is ReasonCode.UPSTREAM_UNREACHABLE


def test_unreadable_settings_and_no_proposal_never_raise() -> None:
    """The worst of both worlds is still a verdict."""
    change = all_of(memory(proposed=None), lambda s: replace(s, config=BAD_CONFIG))
    assert judge(change(GOOD)).reason == BAD_CONFIG


def test_the_time_of_the_next_look_is_when_the_age_is_reached() -> None:
    """`again` is first seen plus the minimum age, and only while time alone can help."""
    seen = NOW - timedelta(hours=1)
    young = memory(observation=Observation("v1.1", TAG, None, seen))

    assert judge(young(GOOD)).again == seen + timedelta(hours=24)
    assert judge(all_of(young, pull(mergeable=False))(GOOD)).again is None
    assert judge(config(paused=True)(GOOD)).again is None


@pytest.mark.parametrize("text", ["", "a\n", 'version: "1.1"\r\n', "grün \U0001f600\n"])
def test_blob_ids_are_those_of_git(text: str) -> None:
    """The id that the ledger holds is the one that git itself computes."""
    git = run(
        ["git", "hash-object", "--stdin"],  # noqa: S607 (whichever git is here)
        input=text.encode(),
        capture_output=True,
        check=True,
    )
    assert blob_id(text) == git.stdout.decode().strip()


def test_a_monitors_version_merges_when_its_proposal_is_old_enough() -> None:
    """Without a commit there is no tag to move, and age counts from the proposal, not before."""
    announced = Observation("1.1", None, None, NOW - timedelta(days=9))
    change = all_of(memory(observation=announced, tag_now=None), proposed(at=NOW))
    assert judge(change(GOOD)).again == NOW + timedelta(hours=24)
    old = all_of(change, proposed(at=NOW - timedelta(days=2)))
    assert judge(old(GOOD)).outcome is Outcome.MERGE


def test_a_commit_that_was_seen_is_as_old_as_its_name() -> None:
    """When it was proposed counts only for pins of which the name says nothing."""
    pins = [f"{BEFORE}# {OTHER}\n", f"{AFTER}# {TAG}\n"]
    for more, outcome in (("", Outcome.MERGE), (f"# {'d' * 64}\n", Outcome.WAIT)):
        after = pins[1] + more
        change = TreeChange("curl.yaml", "100644", "100644", pins[0], after)
        late = proposed(at=NOW - timedelta(hours=1), blob=Sha(blob_id(after)))
        assert judge(all_of(state(changes=(change,)), late)(GOOD)).outcome is outcome


def test_the_last_look_comes_last() -> None:
    """It is due when nothing else is missing, and only then."""
    assert final_check_is_next(judge(memory(final_check=None)(GOOD)))
    for name, change, _ in [*BLOCKS, *WAITS]:
        verdict = judge(all_of(change, memory(final_check=None))(GOOD))
        said = {each.rule for each in verdict.rulings if each.outcome is not Outcome.MERGE}
        final = said == {"pins", "overrides"}
        assert final_check_is_next(verdict) == final, name


def test_a_second_source_that_nobody_named_is_no_reason_to_wait() -> None:
    """One that is named is asked last, and until then nothing has failed."""
    rulings = {one.rule: one for one in judge(memory(final_check=None)(GOOD)).rulings}
    assert rulings["second source"].outcome is Outcome.MERGE
    assert rulings["second source"].reason.detail == "no second source is named"
    assert rulings["pins"].later
    assert rulings["overrides"].later
    rule = PackageRule("curl", datasource="pypi", identifier="curl")
    named = replace(GOOD, config=Config(packages=(rule,)))
    found = {one.rule: one for one in judge(named).rulings}["second source"]
    assert found.reason.detail == "the second source has the version"
    asked = {one.rule: one for one in judge(memory(final_check=None)(named)).rulings}
    assert (asked["second source"].outcome, asked["second source"].later) == (Outcome.WAIT, True)


def test_no_rule_is_idle() -> None:
    """Each rule alone refuses at least one of the faults: taking it out would be noticed."""
    idle = [
        rule
        for rule in RULES
        if all(rule(fault[1](GOOD)).outcome is Outcome.MERGE for fault in BLOCKS + WAITS)
    ]
    assert not idle


def test_no_rule_about_settings_passes_without_settings() -> None:
    """Each of them alone refuses unreadable settings, not only the rule that reads them."""
    rulings = judge(replace(mended("drop-patch")(GOOD), config=BAD_CONFIG)).rulings
    refusing = {ruling.rule for ruling in rulings if ruling.outcome is not Outcome.MERGE}
    settings_ = {"config", "paused", "hold", "automerge", "age", "approval", "jump", "suggestion"}
    assert refusing == settings_


@pytest.mark.parametrize(
    ("objection", "says"),
    [
        (ANN, "requested by ann: until they approve"),
        (Objection(5, "ann", "draft", 4), "converted to a draft by ann on #4: until it is marked"),
        (Objection(0, "", "draft"), "by somebody that GitHub does not name: until"),
        (label("Do-Not-Merge"), "labeled Do-Not-Merge by ann: until the label is removed"),
    ],
)
def test_an_objection_names_the_person_and_the_remedy(objection: Objection, says: str) -> None:
    """And the older pull request, where it was made on one."""
    assert says in judge(state(objections=(objection,))(GOOD)).reason.detail


def test_of_several_objections_all_are_told() -> None:
    """The most outspoken one gives the reason its code."""
    found = (label("do-not-merge"), Objection(6, "bob", "draft"), Objection(5, "ann", on=3))
    reason = judge(state(objections=found)(GOOD)).reason
    assert reason.code is ReasonCode.CHANGES_REQUESTED
    assert [part.split(":")[0] for part in reason.detail.split("; ")] == [
        "requested by ann on #3",
        "converted to a draft by bob",
        "labeled do-not-merge by ann",
    ]


@pytest.mark.parametrize("file", [BAD_CONFIG])
def test_without_settings_any_label_objects(file: Reason) -> None:
    """Nobody knows which labels the file names."""
    unread = replace(state(objections=(label("later"),))(GOOD), config=file)
    assert nobody_objects(unread).outcome is Outcome.WAIT


@pytest.mark.parametrize(
    ("found", "again"),
    [
        ((refused(minutes=1),), timedelta(minutes=4)),
        ((refused(hours=1), refused(hours=2)), timedelta(hours=3)),
        ((refused(hours=1), refused(hours=2), refused(hours=9)), timedelta(hours=15)),
        ((refused(hours=25),), None),
    ],
)
def test_a_refused_merge_says_when_it_is_tried_again(
    found: tuple[MergeTry, ...], again: timedelta | None
) -> None:
    """At most three times in a day."""
    assert judge(tries(*found)(GOOD)).again == (again and NOW + again)


def test_refusals_never_come_more_often_than_three_times_a_day() -> None:
    """For a week, looked at every minute."""
    found: list[MergeTry] = []
    for minute in range(7 * 24 * 60):
        now = NOW + timedelta(minutes=minute)
        looked_at = replace(tries(*reversed(found))(GOOD), now=now)
        if refusals_are_past(looked_at).outcome is Outcome.MERGE:
            found.append(MergeTry(HEAD, "api", now, refused="No."))
    days = [
        sum(start <= one.at < start + timedelta(days=1) for one in found)
        for start in (one.at for one in found)
    ]
    assert max(days) <= 3
    assert len(found) > 7


def test_a_reason_names_everybody_who_objects() -> None:
    """A person reads who must approve."""
    verdict = judge(state(objections=(ANN, Objection(6, "bob")))(GOOD))
    assert "ann, bob" in verdict.reason.detail


def test_a_reason_names_the_app_of_each_check() -> None:
    """A person reads which check of which App blocks the merge."""
    change = checks(build("skipped"), required=(*GOOD.state.required, RequiredCheck("scan")))
    succeeded = next(r for r in judge(change(GOOD)).rulings if r.rule == "checks-succeeded")
    assert succeeded.reason.detail == "build (App 15368): skipped"
    missing = judge(checks(BUILD, required=(RequiredCheck("scan"),))(GOOD))
    assert missing.reason.detail == "scan (any App) has not been posted"


def test_a_check_run_and_a_status_of_one_name_both_count() -> None:
    """Protection names it for any App: an unfinished run is not made good by a status."""
    both = all_of(
        config(required_checks=(LEGAL,)),
        checks(
            BUILD,
            build(None, "queued", name="legal"),
            required=(*GOOD.state.required, RequiredCheck("legal")),
        ),
        state(statuses=(status("success"),)),
    )
    verdict = judge(both(GOOD))
    assert verdict.outcome is Outcome.WAIT
    assert verdict.reason.detail == "legal (any App) is queued"
