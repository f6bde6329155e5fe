"""What would mend a failed build: an explanation and an edit, and how a person lets it happen.

What a model wrote stands in fences of our own making, marked as unverified: not one character of it
is Markdown.
"""

import difflib
import textwrap
from collections.abc import Iterator

from octobot.messages.outlet import code, fenced, inert, plain
from octobot.model.ids import change_of_group
from octobot.model.suggestion import Offer, SpecEdit, Suggestion, class_of

_MOST_LINES = 80
"""Of a diff that is shown; the whole of it is in the commit."""
_CONTEXT = 3
_NAMED, _PATHS = 3, 20
"""Specs named in a headline, and in the comment."""
_WIDTH = 100
_UNVERIFIED = (
    "_Unverified: a model wrote this after reading the lines above. octobot only saw to it that an"
    " edit fits the spec and touches nothing that it may not._"
)


def section(offer: Offer) -> str:
    """Write what would mend it; empty when there is nothing to say."""
    parts = [*_explained(offer), *_edit(offer), _refusal(offer), _pending(offer)]
    said = [part for part in parts if part]
    return "\n\n".join(["### What would mend it", *said]) if said else ""


def commit_message(told: Suggestion, by: str) -> tuple[str, str]:
    """Write the headline and body of the commit that applies a suggestion; `by` names who asked."""
    classes = ", ".join(sorted({class_of(mend) for mend in told.cause.fixes}))
    origin = "a model" if told.cause.by == "model" else "a rule"
    names = [plain(each.path.removesuffix(".yaml")) for each in told.edits[:_NAMED]]
    more = f" and {len(told.edits) - _NAMED} more" if len(told.edits) > _NAMED else ""
    return (
        f"{', '.join(names) or plain(told.package)}{more}: {classes.replace('-', ' ')}",
        f"Suggested by {origin} after the checks of {told.head} failed; applied by {plain(by)}.",
    )


def diff(told: Suggestion) -> str:
    """Show an edit as a unified diff with every file's path, as plain text."""
    shown = [line for each in told.edits for line in _diff(each)]
    cut = shown[:_MOST_LINES]
    return "\n".join([*cut, *(["…"] if len(shown) > len(cut) else [])])


def _diff(edit: SpecEdit) -> Iterator[str]:
    return difflib.unified_diff(
        edit.before.splitlines(),
        edit.after.splitlines(),
        f"a/{edit.path}",
        f"b/{edit.path}",
        n=_CONTEXT,
        lineterm="",
    )


def _explained(offer: Offer) -> list[str]:
    """Explain once: where the same failure is told in full, that is not repeated here."""
    told = offer.suggestion
    words = told.cause.explanation.strip() if offer.same_as is None else ""
    if told.cause.by == "rule":
        return [inert(words, limit=1000)] if words else []
    if not words and not told.has_edit:
        return []
    lines = [told.cause.title, *(["", *words.splitlines()] if words else [])]
    wrapped = "\n".join(textwrap.fill(line, _WIDTH) for line in lines)
    return [_UNVERIFIED, fenced(wrapped, "text", limit=3000) if wrapped else ""]


def _edit(offer: Offer) -> list[str]:
    told = offer.suggestion
    if not told.has_edit:
        return []
    helped = f"The same edit helped in #{told.helped_in}." if told.helped_in else ""
    return [helped, _where(told), fenced(diff(told), "diff"), _how(offer)]


def _where(told: Suggestion) -> str:
    """Say which of a group's specs failed, where there are several."""
    if not told.branch.startswith(f"octobot/{change_of_group('')}"):
        return ""
    paths = [code(each.path) for each in told.edits[:_PATHS]]
    more = f" and {len(told.edits) - _PATHS} more" if len(told.edits) > _PATHS else ""
    return f"In {', '.join(paths)}{more}:"


def _how(offer: Offer) -> str:
    if offer.applies_itself:
        return "The repository's file lets octobot apply this edit by itself; the checks run anew."
    return (
        f"`/octobot apply` commits exactly this, as long as {code(offer.suggestion.head)} is the"
        " head of this branch. The commit is checked and judged like any other."
    )


def _refusal(offer: Offer) -> str:
    if not offer.refused:
        return ""
    return f"The edit that was proposed is not offered: {inert(offer.refused, limit=300)}"


def _pending(offer: Offer) -> str:
    return "A model is being asked; its answer will stand here." if offer.pending else ""
