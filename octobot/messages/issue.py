"""Issues: bumps that a person makes, and alarms for what octobot will not go on with."""

from octobot.messages.origins import release_line, upstream_line
from octobot.messages.outlet import code, inert, joined, plain
from octobot.messages.pull_request import subject
from octobot.model.bump import Bump
from octobot.model.package import Upstream
from octobot.model.reasons import MEANING, Reason, ReasonCode

_REMEDY = {
    ReasonCode.TAG_MOVED: (
        "A tag that names another commit than before may be a correction by upstream, or an"
        " attack: tags were re-pointed in the tj-actions and Trivy incidents.\n\n"
        "1. Compare the two commits, and ask upstream why the tag moved.\n"
        "2. When in doubt, leave the package where it is.\n"
        "3. When you trust the new commit, say `/octobot accept-tag-move COMMIT` here, or make the"
        " bump by hand.\n\n"
        "octobot proposes and merges nothing for this package meanwhile."
    ),
    ReasonCode.UPSTREAM_REPLACED: (
        "The upstream's name belongs to another repository than when octobot saw it first. Its"
        " owner may have deleted and made it anew, or somebody else took the name over.\n\n"
        "1. Find out who has the name now, and where the project went.\n"
        "2. When it moved, write its new name into the spec's update block and checkout.\n"
        "3. When you trust the new repository under the old name, octobot's operator says so with"
        " `octobot accept-upstream`.\n\n"
        "octobot proposes and merges nothing for this package meanwhile."
    ),
    ReasonCode.MERGING_HALTED: (
        "A merge commit does not hold exactly the tree that was judged: the spec that octobot"
        " proposed on top of the base.\n\n"
        "1. Look at the merge commit, and revert it when it holds anything else.\n"
        "2. Find out how it came about before octobot merges again.\n\n"
        "octobot merges nothing in this repository until its operator releases the line."
    ),
}

_ALARM = {
    ReasonCode.TAG_MOVED: "upstream tag moved",
    ReasonCode.CHECKSUM_CHANGED: "upstream file changed",
    ReasonCode.UPSTREAM_REPLACED: "upstream's name was taken over",
    ReasonCode.MERGING_HALTED: "octobot stopped merging",
}


def manual_title(bump: Bump) -> str:
    """Write the title of a bump that a person makes: `NAME/VERSION new package update`."""
    return subject(bump.package, bump.target.version).replace(" package", " new package", 1)


def manual_body(bump: Bump, upstream: Upstream | None) -> str:
    """Write what there is to bump, and what closes the issue."""
    return joined(
        f"{code(bump.package)} has a new version: {code(bump.current)} →"
        f" **{code(bump.target.version)}**.",
        f"- Upstream: {upstream_line(upstream)}\n"
        f"- Release: {release_line(bump, upstream)}\n"
        f"- Spec: {code(bump.path)}",
        "The spec's update block says `manual: true`, so a person makes this bump. octobot closes"
        " this issue when the spec has the version, or a newer version takes its place.",
    )


def alarm_title(package: str, reason: Reason) -> str:
    """Write the title of an alarm."""
    return plain(f"{package}: {_ALARM.get(reason.code, f'octobot stopped ({reason.code.value})')}")


def alarm_body(package: str, reason: Reason) -> str:
    """Write what octobot found, and what a person should do."""
    place = f"\n\nSee {code(str(reason.where))}." if reason.where else ""
    return joined(
        f"**{code(package)}**: {MEANING[reason.code]}",
        (inert(reason.detail, limit=1000) if reason.detail else "") + place,
        _REMEDY.get(reason.code, "octobot does not go on with this package until you looked."),
        f"Reason code: `{reason.code.value}`",
    )
