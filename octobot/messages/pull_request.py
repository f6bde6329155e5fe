"""The words of a package update: commit, pull request, merge commit, and its end.

Titles follow the distro's custom exactly: `NAME/VERSION package update`.  The body is one function
per section; what upstream or a spec wrote passes the outlet.
"""

import re
from collections.abc import Sequence

from octobot.messages.dates import duration, moment
from octobot.messages.origins import changes_line, release_line, upstream_line
from octobot.messages.outlet import code, fenced, joined, plain
from octobot.model.bump import Bump, Bumped, Change
from octobot.model.config import PackagePolicy
from octobot.model.package import Upstream
from octobot.model.release import Observation

_ROWS = 50
"""Rows of the table of changes; the diff has the rest."""

NOTHING_TO_DO = "Nothing to do: octobot merges this by itself when its checks pass."
NEEDS_APPROVAL = "**To do**: review and approve it. octobot then merges it when its checks pass."
BY_HAND = "**To do**: review and merge it. The settings leave merging to a person."
SKIP = "- **Skip this version**: close the pull request. octobot does not propose it again."
CHANGE = "- **Change it**: push to this branch. octobot then leaves the pull request to you."
SHOWN_WHERE = (
    "The check run `octobot` shows which rules are satisfied. When a required check fails, a"
    " comment here says what broke."
)

_NAME = re.compile(r"[A-Za-z0-9][A-Za-z0-9+_.-]*")


def subject(package: str, version: str) -> str:
    """Write `NAME/VERSION package update`."""
    return f"{exact(package)}/{exact(version)} package update"


def exact(name: str) -> str:
    """Keep what the grammars of names and versions allow to the letter."""
    return name if _NAME.fullmatch(name) else plain(name)


def title(bump: Bump) -> str:
    """Write the pull request's title."""
    return subject(bump.package, bump.target.version)


def commit_message(bump: Bump) -> tuple[str, str]:
    """Write the commit's headline and body."""
    release = bump.target.release
    origin = f" at {exact(release.commit)}" if release.commit else ""
    return title(bump), (
        f"From {exact(bump.current)} to {exact(bump.target.version)}.\n"
        f"Upstream release: {exact(release.name)}{origin}"
    )


def merge_message(package: str, version: str, number: int) -> tuple[str, str]:
    """Write the merge commit's headline and body."""
    return f"{subject(package, version)} (#{number})", ""


def body(
    bump: Bump,
    bumped: Bumped,
    *,
    upstream: Upstream | None,
    observation: Observation | None,
    policy: PackagePolicy | None = None,
    supersedes: Sequence[int] = (),
) -> str:
    """Write the pull request's body; without `policy` it names no settings."""
    return joined(
        f"Updates {code(bump.package)} from {code(bump.current)} to"
        f" **{code(bump.target.version)}**.",
        _to_do(policy),
        _origin(bump, bumped, upstream, observation),
        _supersedes(supersedes),
        "### What changes\n\n" + changes_table(bumped.changes),
        _next(policy),
        "### What you can do\n\n" + _options(bump),
    )


def superseded(by: int) -> str:
    """Say that a newer version's pull request takes this one's place."""
    return f"Superseded by #{by}, which has a newer version. octobot closes this pull request.\n"


def _origin(
    bump: Bump, bumped: Bumped, upstream: Upstream | None, observation: Observation | None
) -> str:
    release = bump.target.release
    changes = changes_line(bump, bumped, upstream)
    lines = [
        f"- Upstream: {upstream_line(upstream)}",
        f"- Release: {release_line(bump, upstream)}" + (f" ({changes})" if changes else ""),
    ]
    if release.commit:
        lines.append(f"- Commit: {code(release.commit)}")
    if release.published:
        lines.append(f"- Published, as upstream claims: {moment(release.published)}")
    if observation:
        lines.append(f"- First seen by octobot: {moment(observation.first_seen)}")
    return "\n".join(lines)


def _supersedes(numbers: Sequence[int]) -> str:
    return "Supersedes " + ", ".join(f"#{number}" for number in numbers) + "." if numbers else ""


def changes_table(changes: Sequence[Change]) -> str:
    """Make the table of a spec's changes."""
    lines = ["| field | line | before | after |", "|---|---|---|---|"]
    for change in changes[:_ROWS]:
        after = code(change.after, limit=140) if change.after else "_removed_"
        before = code(change.before, limit=140)
        lines.append(f"| {code(change.field)} | {change.line} | {before} | {after} |")
    if len(changes) > _ROWS:
        lines += ["", f"and {len(changes) - _ROWS} more, in the diff."]
    return "\n".join([*lines, "", "Nothing else in the spec changes."])


def _to_do(policy: PackagePolicy | None) -> str:
    """Say what a person should do, in one sentence."""
    if policy and policy.hold is not None:
        return f"On hold: {code(policy.hold)}. octobot does not merge it until the hold ends."
    if policy and not policy.automerge:
        return BY_HAND
    return NEEDS_APPROVAL if policy and policy.approval else NOTHING_TO_DO


def _next(policy: PackagePolicy | None) -> str:
    if policy and (policy.hold is not None or not policy.automerge):
        return ""
    age = duration(policy.minimum_release_age) if policy else "the minimum release age"
    needed = [
        "every required check succeeded on exactly this commit",
        f"octobot first saw the release at least {age} ago" if policy else f"{age} has passed",
        "the upstream tag still names the same commit",
    ]
    if policy and policy.approval:
        needed.append("a person approved it")
    wants = "\n".join(f"- {want}" for want in needed)
    return f"### When octobot merges this\n\n{wants}\n\n{SHOWN_WHERE}"


def _options(bump: Bump) -> str:
    hold = f'packages:\n  - match: "{plain(bump.package)}"\n    hold: why it should wait'
    return (
        f"{SKIP}\n{CHANGE}\n"
        "- **Wait**: comment `/octobot hold WHY until DATE`, or hold the package in"
        " `.github/octobot.yaml` on the default branch:\n\n"
        + fenced(hold, "yaml")
        + "\n\n- **More**: comment `/octobot help`."
    )
