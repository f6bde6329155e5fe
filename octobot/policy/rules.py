"""The rules of a merge, one pure function each, and the table of them.

A rule sees the snapshot only, and returns merge, wait or block with its reason.  It returns merge
only when it has seen what it requires: what is missing or unreadable is never good.  It waits for
what time, a check, a setting or an approval can change; it blocks what needs a person or a new
version.
"""

from collections.abc import Callable
from hashlib import sha1

from octobot.model.config import PackagePolicy
from octobot.model.pull_request import TreeChange
from octobot.model.reasons import Reason, ReasonCode
from octobot.model.verdict import OPEN, Outcome, Ruling, Snapshot
from octobot.policy.age import is_old_enough, tag_is_unmoved
from octobot.policy.approvals import (
    jump_is_usual,
    suggestion_is_allowed,
    version_stays_in_stream,
)
from octobot.policy.checks import required_checks_succeeded, something_is_required
from octobot.policy.final_check import (
    MERGEABLE,
    UP_TO_DATE,
    overrides_hold,
    pins_hold,
    version_is_confirmed,
)
from octobot.policy.findings import block, passed, policy_of, wait
from octobot.policy.objections import nobody_objects
from octobot.policy.requirements import (
    github_kept_it,
    refusals_are_past,
    review_is_there,
    settings_allow_it,
)

_REGULAR = "100644"
"""Git's mode of a regular file: not a link, a folder or executable."""


def config_is_readable(snapshot: Snapshot) -> Ruling:
    """Refuse while the repository's file cannot be read: it may hold or pause this very package."""
    if isinstance(snapshot.config, Reason):
        return Ruling("config", Outcome.BLOCK, snapshot.config)
    if fault := snapshot.config.fault:
        return passed("config", f"the last settings that could be read hold: {fault}")
    return passed("config", "the repository's settings are readable")


def line_is_running(snapshot: Snapshot) -> Ruling:
    """Refuse everything in a repository where a merge had another tree than the judged one."""
    because = snapshot.memory.merging_halted
    if because is None:
        return passed("line", "no merge in this repository went wrong")
    return block("line", ReasonCode.MERGING_HALTED, f"a person must look: {because}")


def is_not_paused(snapshot: Snapshot) -> Ruling:
    """Wait while the repository's file pauses octobot."""
    if isinstance(snapshot.config, Reason):
        return Ruling("paused", Outcome.WAIT, snapshot.config)
    if snapshot.config.paused:
        fault = snapshot.config.fault
        return wait("paused", ReasonCode.PAUSED, f"the file is broken: {fault}" if fault else "")
    return passed("paused", "octobot is not paused here")


def is_not_held(snapshot: Snapshot) -> Ruling:
    """Wait while the package is on hold, by the repository's file or a command."""
    match policy_of(snapshot):
        case Reason() as reason:
            return Ruling("hold", Outcome.WAIT, reason)
        case PackagePolicy(hold=None):
            return passed("hold", "the package is not held")
        case policy:
            return wait("hold", ReasonCode.ON_HOLD, f"held: {policy.hold}")


def automerge_is_on(snapshot: Snapshot) -> Ruling:
    """Wait where the repository's file leaves merging to people."""
    match policy_of(snapshot):
        case Reason() as reason:
            return Ruling("automerge", Outcome.WAIT, reason)
        case PackagePolicy(automerge=True):
            return passed("automerge", "octobot may merge this package")
        case _:
            return wait("automerge", ReasonCode.AUTOMERGE_OFF)


def pull_is_open(snapshot: Snapshot) -> Ruling:
    """Refuse a pull request that is closed or merged already."""
    pull = snapshot.state.pull
    if pull.state == "open":
        return passed(OPEN, "the pull request is open")
    if pull.state == "merged":
        return block(OPEN, ReasonCode.MERGED, "the pull request is merged already")
    if pull.closed_by == snapshot.bot:
        return block(OPEN, ReasonCode.NOT_MERGEABLE, "octobot closed this pull request")
    return block(OPEN, ReasonCode.CLOSED_BY_USER)


def head_is_in_this_repository(snapshot: Snapshot) -> Ruling:
    """Refuse a head branch of any other repository, by number: names can be taken over."""
    head = snapshot.state.pull.head_repository
    if head == snapshot.watched.id:
        return passed("head-repository", "the head branch is in this repository")
    detail = f"the head branch is in repository {head or 'unknown'}, not in {snapshot.watched.id}"
    return block("head-repository", ReasonCode.HEAD_IN_FORK, detail)


def base_is_default_branch(snapshot: Snapshot) -> Ruling:
    """Refuse a pull request whose base was changed."""
    base, default = snapshot.state.pull.base, snapshot.watched.default_branch
    if base == default:
        return passed("base", f"the base is {default}")
    return block("base", ReasonCode.WRONG_BASE, f"the base is {base}, not {default}")


def author_is_octobot(snapshot: Snapshot) -> Ruling:
    """Refuse another author, by numeric id: a name ending in `[bot]` proves nothing."""
    author = snapshot.state.pull.author
    if author == snapshot.bot:
        return passed("author", f"octobot (user {author}) opened it")
    detail = f"user {author} opened it, not octobot (user {snapshot.bot})"
    return block("author", ReasonCode.UNKNOWN_COMMIT, detail)


def proposal_is_current(snapshot: Snapshot) -> Ruling:
    """Refuse a branch that octobot never proposed, or whose proposal is no longer open."""
    proposed, branch = snapshot.memory.proposed, snapshot.state.pull.branch
    if proposed is None or proposed.branch != branch:
        detail = f"octobot's ledger has no proposal from the branch {branch}"
        return block("proposal", ReasonCode.UNKNOWN_COMMIT, detail)
    if proposed.state not in {"intended", "open"}:
        detail = f"octobot's ledger says that this proposal is {proposed.state}"
        return block("proposal", ReasonCode.NOT_MERGEABLE, detail)
    return passed("proposal", f"octobot proposed {proposed.package} {proposed.version} from here")


def every_commit_is_octobots(snapshot: Snapshot) -> Ruling:
    """Refuse any commit whose id GitHub never returned to octobot; names and e-mails prove nothing.

    The head must be among the commits listed: a list that lacks it is stale or cut.
    """
    ledger, commits = snapshot.memory.ledger, snapshot.state.commits
    head = snapshot.state.pull.head
    unknown = [commit for commit in (*commits, head) if commit not in ledger]
    if unknown:
        detail = f"octobot did not make commit {unknown[0]}"
        return block("commits", ReasonCode.UNKNOWN_COMMIT, detail)
    if head not in commits:
        detail = f"the list of commits does not have the head {head}"
        return wait("commits", ReasonCode.UNKNOWN_COMMIT, detail)
    return passed("commits", f"all {len(commits)} commits are in octobot's ledger")


def only_the_spec_changes(snapshot: Snapshot) -> Ruling:
    """Refuse more or fewer files than were proposed, by git trees, not diff text."""
    proposed, changes = snapshot.memory.proposed, snapshot.state.changes
    wanted = sorted(proposed.expected) if proposed else []
    found, only = sorted(change.path for change in changes), ", ".join(wanted) or "nothing"
    if not wanted or found != wanted:
        detail = f"it changes {', '.join(found[:5]) or 'nothing'}; only {only} may change"
        return block("file", ReasonCode.UNEXPECTED_CHANGE, detail)
    for change in changes:
        if fault := _not_a_plain_edit(change):
            return block("file", ReasonCode.UNEXPECTED_CHANGE, f"{change.path} {fault}")
    return passed("file", f"only {only} changes, as a regular file")


def _not_a_plain_edit(change: TreeChange) -> str:
    if (change.before_mode, change.after_mode) != (_REGULAR, _REGULAR):
        before, after = change.before_mode or "absent", change.after_mode or "absent"
        return f"changes its mode: {before} to {after}; both must be {_REGULAR}"
    if change.before is None or change.after is None:
        return "cannot be read as text of a reasonable size"
    return "does not change" if change.before == change.after else ""


def only_fields_change(snapshot: Snapshot) -> Ruling:
    """Refuse a change outside the fields that a bump may write."""
    if snapshot.unexpected:
        detail = "outside the fields of a bump: " + "; ".join(snapshot.unexpected[:5])
        return block("fields", ReasonCode.UNEXPECTED_CHANGE, detail)
    return passed("fields", "only fields that a bump may write differ")


def text_is_as_proposed(snapshot: Snapshot) -> Ruling:
    """Refuse a spec whose blob is not the one that octobot proposed, byte for byte."""
    proposed, changes = snapshot.memory.proposed, snapshot.state.changes
    blobs = {change.path: blob_id(change.after) for change in changes if change.after is not None}
    if proposed is not None and blobs == proposed.expected:
        return passed("text", f"the spec is blob {', '.join(blobs.values())}, as proposed")
    detail = "the spec's text is not the one that octobot proposed"
    return block("text", ReasonCode.UNEXPECTED_CHANGE, detail)


def base_is_unchanged(snapshot: Snapshot) -> Ruling:
    """Refuse when the spec changed on the default branch since the bump was made.

    GitHub would merge both edits into a text that nobody judged and that no check has seen.
    """
    unchanged = snapshot.memory.base_unchanged
    if unchanged is None:
        return wait("base-text", ReasonCode.CONFLICT, "the default branch's text is not known")
    if not unchanged:
        return block("base-text", ReasonCode.CONFLICT)
    return passed("base-text", "the default branch has the text that the bump was made of")


def blob_id(text: str) -> str:
    """Compute git's id of a blob.  Source: git's object format, `blob SIZE NUL CONTENT`."""
    # Lone surrogates never come out of UTF-8; passed through, they can only give another id.
    content = text.encode(errors="surrogatepass")
    return sha1(b"blob %d\0" % len(content) + content, usedforsecurity=False).hexdigest()


def person_approved(snapshot: Snapshot) -> Ruling:
    """Wait for a person's approval of exactly this head, where the file requires it."""
    match policy_of(snapshot):
        case Reason() as reason:
            return Ruling("approval", Outcome.WAIT, reason)
        case PackagePolicy(approval=True) if not snapshot.state.approved:
            return wait("approval", ReasonCode.NEEDS_APPROVAL)
        case _:
            return passed("approval", "approved, or no approval is wanted")


def github_can_merge(snapshot: Snapshot) -> Ruling:
    """Refuse a conflict; wait while GitHub computes."""
    mergeable = snapshot.state.pull.mergeable
    if mergeable is None:
        detail = "GitHub is still computing whether it can merge this"
        return wait(MERGEABLE, ReasonCode.NOT_MERGEABLE, detail)
    if not mergeable:
        detail = "the branch conflicts with the default branch"
        return block(MERGEABLE, ReasonCode.CONFLICT, detail)
    return passed(MERGEABLE, "GitHub can merge this commit")


def head_is_up_to_date(snapshot: Snapshot) -> Ruling:
    """Wait where protection requires the base's newest commit in the head, and it is not there.

    octobot then recreates the branch on it; GitHub's own button would add a commit that octobot did
    not make.
    """
    if snapshot.state.behind:
        detail = "protection wants the base's newest commit in the branch"
        return wait(UP_TO_DATE, ReasonCode.BEHIND, detail)
    return passed(UP_TO_DATE, "nothing more of the base is wanted in the branch")


RULES: tuple[Callable[[Snapshot], Ruling], ...] = (
    config_is_readable,
    line_is_running,
    pull_is_open,
    head_is_in_this_repository,
    base_is_default_branch,
    author_is_octobot,
    proposal_is_current,
    every_commit_is_octobots,
    only_the_spec_changes,
    only_fields_change,
    text_is_as_proposed,
    tag_is_unmoved,
    base_is_unchanged,
    jump_is_usual,
    version_stays_in_stream,
    is_not_paused,
    is_not_held,
    nobody_objects,
    automerge_is_on,
    something_is_required,
    required_checks_succeeded,
    is_old_enough,
    person_approved,
    suggestion_is_allowed,
    review_is_there,
    settings_allow_it,
    github_kept_it,
    refusals_are_past,
    github_can_merge,
    head_is_up_to_date,
    pins_hold,
    version_is_confirmed,
    overrides_hold,
)
"""Every rule, in the order of the reasons: whose pull request, what it changes, then when."""
