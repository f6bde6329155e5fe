"""Issues: bumps that a person makes, and alarms that a person must look at."""

from octobot.messages.origins import release_line, upstream_line
from octobot.messages.outlet import code, inert, joined, plain
from octobot.messages.pull_request import subject
from octobot.model.bump import Bump
from octobot.model.package import Upstream
from octobot.model.reasons import MEANING, Reason, ReasonCode

_REMEDY = {
    ReasonCode.TAG_MOVED: (
        "**To do**: compare the two commits and ask upstream why the tag moved. When you trust the"
        " new commit, comment `/octobot accept-tag-move COMMIT`, or bump the package by hand."
        " When in doubt, leave it as it is.\n\n"
        "Until then octobot proposes and merges nothing for this package. A moved tag may be a"
        " correction by upstream, or an attack: tags were re-pointed in the tj-actions and Trivy"
        " incidents."
    ),
    ReasonCode.UPSTREAM_REPLACED: (
        "**To do**: find out who has the name now and where the project went. When it moved, write"
        " its new name into the spec's update block and checkout. When you trust the new"
        " repository under the old name, octobot's operator runs `octobot accept-upstream`.\n\n"
        "Until then octobot proposes and merges nothing for this package. The owner may have"
        " deleted and recreated the repository, or somebody else may have taken over the name."
    ),
    ReasonCode.MERGING_HALTED: (
        "**To do**: read the merge commit, and revert it if it changes more than the spec that"
        " octobot proposed. Find out how that happened; then octobot's operator runs"
        " `octobot unhalt OWNER/NAME`.\n\n"
        "Until then octobot merges nothing in this repository."
    ),
}

_CHECK_IT = "**To do**: check the package. octobot leaves it alone until then."

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
        "**To do**: bump it by hand. The spec's update block says `manual: true`.",
        f"- Upstream: {upstream_line(upstream)}\n"
        f"- Release: {release_line(bump, upstream)}\n"
        f"- Spec: {code(bump.path)}",
        "octobot closes this issue when the spec has this version or upstream has a newer one.",
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
        _REMEDY.get(
            reason.code, "**To do**: check the package. octobot leaves it alone until then."
        ),
        f"Reason code: `{reason.code.value}`",
    )
