"""The issue about a package that is stuck, and the comment that ends it."""

from datetime import datetime

from octobot.messages.outlet import code, fenced, inert, joined, plain
from octobot.model.package import Package
from octobot.model.reasons import MEANING, Reason, ReasonCode
from octobot.model.release import WorkingBlock

_TITLE = {
    ReasonCode.TAG_DELETED: "a tag that the spec checks out is gone",
    ReasonCode.TAG_SCHEME_CHANGED: "upstream names its tags otherwise now",
    ReasonCode.RELEASES_STOPPED: "upstream's releases stopped, its tags go on",
    ReasonCode.FILTERED_OUT: "the update block drops upstream's new names",
    ReasonCode.NUMBERING_RESTARTED: "upstream began to number its versions again",
}
_NO_BLOCK = {
    ReasonCode.TAG_DELETED: (
        "No update block changes that. Find out whether upstream withdrew this version, and pin a"
        " version that is there; a later one is proposed by itself."
    ),
    ReasonCode.NUMBERING_RESTARTED: (
        "No update block changes that: apk does not replace a version by a lower one. Package the"
        " new numbering under another name, or with a number before it that keeps the order."
    ),
}


def title(package: str, reason: Reason) -> str:
    """Write the title of the issue."""
    return plain(f"{package}: {_TITLE.get(reason.code, reason.code.value)}")


def body(package: Package, reason: Reason, since: datetime, block: WorkingBlock | None) -> str:
    """Write what is there, the update block that would work, and what closes the issue."""
    return joined(
        f"**{code(package.name)}** at {code(package.version)}: {MEANING[reason.code]}",
        inert(reason.detail, limit=1000),
        *_remedy(reason, block),
        f"Found first on {since:%Y-%m-%d}. A version that is not wanted can be ignored with"
        f" `/octobot ignore {package.name} VERSION` in a comment. octobot closes this issue when it"
        " is over.",
        f"Reason code: `{reason.code.value}`",
    )


def over() -> str:
    """Write the comment that ends the issue."""
    return "This is over: octobot follows upstream again, or nothing is left to follow."


def _remedy(reason: Reason, block: WorkingBlock | None) -> tuple[str, ...]:
    if block is None:
        none = "octobot found no update block that works with the names that upstream shows."
        return (f"**To do**: {_NO_BLOCK.get(reason.code, none)}",)
    found = f"octobot tried it on the names that upstream shows: it finds {code(block.version)}"
    return (
        "**To do**: change the spec, if this is the same project. This update block would work:",
        fenced(block.yaml, "yaml"),
        f"{found}, which is named {code(block.name)}.",
        _checkout(block),
    )


def _checkout(block: WorkingBlock) -> str:
    if not block.tag:
        return ""
    return (
        f"The checkout must follow, together with the version: its tag becomes {code(block.tag)}."
    )
