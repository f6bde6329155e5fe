"""The one comment on a pull request whose required checks failed: what broke, and what to do."""

import re
from collections.abc import Collection, Sequence

from octobot.messages.outlet import code, fenced, inert, joined, link
from octobot.messages.suggestion import section
from octobot.model.reasons import ReasonCode
from octobot.model.suggestion import Offer
from octobot.model.triage import Cause, CauseClass, Diagnosis, LogLine
from octobot.model.verdict import Verdict

MEANING: dict[CauseClass, str] = {
    CauseClass.DIGEST_MISMATCH: "The downloaded file is not the one that the spec pins.",
    CauseClass.COMMIT_MISMATCH: "The tag names another commit than the spec pins.",
    CauseClass.TAG_MISSING: "Upstream does not have the tag that the spec checks out.",
    CauseClass.SOURCE_MISSING: "The source could not be downloaded from where the spec says.",
    CauseClass.PATCH_FAILS: "A patch of the distro does not apply to the new version.",
    CauseClass.PATCH_UPSTREAM: "A patch of the distro is part of the new version already.",
    CauseClass.CHERRY_PICK_CONFLICT: "A cherry-picked commit conflicts with the new version.",
    CauseClass.PACKAGE_MISSING: "The build environment names a package that does not exist.",
    CauseClass.HEADER_MISSING: "The build needs a header that its environment lacks.",
    CauseClass.LIBRARY_MISSING: "The build needs a library that its environment lacks.",
    CauseClass.PKG_CONFIG_MISSING: "The build asks pkg-config for what its environment lacks.",
    CauseClass.COMMAND_MISSING: "The build runs a command that its environment lacks.",
    CauseClass.MODULE_MISSING: "The build needs a language's module that its environment lacks.",
    CauseClass.GO_TOO_OLD: "The new version needs a newer Go.",
    CauseClass.RUST_TOO_OLD: "The new version needs a newer Rust.",
    CauseClass.TOOL_TOO_OLD: "The new version needs a newer build tool.",
    CauseClass.PIN_CONFLICT: "A pinned dependency contradicts what upstream asks for.",
    CauseClass.COMPILE_ERROR: "The code does not compile.",
    CauseClass.TEST_FAILED: "A test failed.",
    CauseClass.FILES_CHANGED: "A file that the spec names is not where it was.",
    CauseClass.LICENSE_MOVED: "The license file is not where it was.",
    CauseClass.SONAME_CHANGED: "A shared library has a new name: dependents need a rebuild.",
    CauseClass.ARCHITECTURE: "It fails on one architecture only.",
    CauseClass.OUT_OF_MEMORY: "The build ran out of memory.",
    CauseClass.DISK_FULL: "The build ran out of disk space.",
    CauseClass.TIMED_OUT: "The build took longer than it may.",
    CauseClass.NETWORK: "The network failed; the change itself may be fine.",
    CauseClass.INFRASTRUCTURE: "The machinery of the build failed, not the build.",
    CauseClass.UNKNOWN: "The log does not show what kind of failure this is.",
}


_SHOWN = 5
"""Failed checks shown with their log; the others are named."""

RUN_PAGE = re.compile(
    r"https://github\.com/[A-Za-z0-9-]+/[A-Za-z0-9._-]+/(?:actions/)?runs/[0-9]+(?:/job/[0-9]+)?"
)
"""GitHub's own pages of a check run; any other address is an App's to choose, so no link."""

_THUMBS = (
    "Did this help? React with 👍 or 👎: reactions of people with write access teach octobot what"
    " to suggest next time. They never merge anything."
)


def comment(
    diagnoses: Sequence[Diagnosis],
    verdict: Verdict,
    offer: Offer | None = None,
    *,
    rerun: Collection[str] = (),
) -> str:
    """Write the comment; with no diagnosis it says which checks failed and where to look.

    `rerun` are the names of failed checks that octobot has run once more.
    """
    elsewhere = offer is not None and offer.same_as is not None
    shown = () if elsewhere else diagnoses[:_SHOWN]
    silent = "No log of a failed check could be read; see the checks of this commit."
    return joined(
        f"{_headline(diagnoses, verdict, offer)} (commit {code(verdict.head)})",
        _to_do(offer, rerun),
        _meaning(offer) if offer else "",
        *([_section(diagnosis) for diagnosis in shown] or ([] if elsewhere else [silent])),
        _others(diagnoses[len(shown) :], "Failed" if elsewhere else "Also failed"),
        section(offer) if offer else "",
        f"### What octobot does next\n\n{_next(verdict)}",
        _THUMBS if diagnoses else "",
        "octobot updates this comment in place.",
    )


def _headline(diagnoses: Sequence[Diagnosis], verdict: Verdict, offer: Offer | None) -> str:
    # What a model says has its own section, marked as such.
    if offer and _is_known(offer.suggestion.cause) and offer.suggestion.cause.title:
        return f"**The build broke**: {inert(offer.suggestion.cause.title, limit=300)}"
    cause = next((diagnosis.cause for diagnosis in diagnoses if diagnosis.cause), "")
    if cause:
        return f"**The build broke**: {code(cause, limit=300)}"
    return f"**A required check failed**: {inert(verdict.reason.detail, limit=300)}"


def _to_do(offer: Offer | None, rerun: Collection[str]) -> str:
    """Say what a person should do now, in one sentence."""
    if rerun:
        names = ", ".join(code(name) for name in sorted(rerun))
        return (
            f"Nothing to do yet: octobot runs {names} once more, because this may pass by itself."
        )
    if offer and offer.same_as is not None:
        return f"**To do**: see #{offer.same_as}, which failed for the same reason."
    if offer and offer.applies_itself:
        return "Nothing to do yet: octobot applies the fix below, and the checks run again."
    if offer and offer.suggestion.has_edit:
        return "**To do**: review the fix below and comment `/octobot apply`, or push your own."
    return "**To do**: push a fix to this branch, or close the pull request to skip this version."


def _meaning(offer: Offer) -> str:
    cause = offer.suggestion.cause
    return MEANING[cause.kind] if _is_known(cause) else ""


def _is_known(cause: Cause) -> bool:
    """Return whether a rule, and not a model, knows what kind of failure it is."""
    return cause.by == "rule" and cause.kind is not CauseClass.UNKNOWN


def _section(diagnosis: Diagnosis) -> str:
    step = f" in step {code(diagnosis.step)}" if diagnosis.step else ""
    head = f"### {_named(diagnosis)}{step}"
    if not diagnosis.lines:
        return f"{head}\n\nIts log does not say why it failed."
    return f"{head}\n\n{fenced(_numbered(diagnosis.lines), 'text')}"


def _named(diagnosis: Diagnosis) -> str:
    if RUN_PAGE.fullmatch(diagnosis.url):
        return link(inert(diagnosis.check), diagnosis.url)
    return inert(diagnosis.check) or "a check"


def _numbered(lines: Sequence[LogLine]) -> str:
    """Show line numbers, and a gap where lines were left out."""
    width = len(str(lines[-1].number))
    shown, last = [], lines[0].number - 1
    for line in lines:
        if line.number != last + 1:
            shown.append(f"{'⋮':>{width}}")
        shown.append(f"{line.number:>{width}}  {line.text}")
        last = line.number
    return "\n".join(shown)


def _others(diagnoses: Sequence[Diagnosis], words: str) -> str:
    names = ", ".join(_named(diagnosis) for diagnosis in diagnoses[:20])
    return f"{words}: {names}." if names else ""


def _next(verdict: Verdict) -> str:
    first = (
        "- It does not merge this commit."
        if verdict.reason.code is ReasonCode.CHECKS_FAILED
        else f"- It does not merge this commit: `{verdict.reason.code.value}`."
    )
    return (
        f"{first}\n"
        "- When the failed checks pass in a re-run, it judges the pull request again.\n"
        "- When upstream releases a newer version, it proposes that one and closes this.\n"
        "- When you push to this branch, it leaves the pull request to you."
    )
