"""The suggested fix of a failed build: an explanation and an edit, and how to apply it.

What a model wrote is in fences and marked as unverified: not one character of it is Markdown.
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
    "_Unverified: a model wrote this from the log lines above. octobot only checked that the edit"
    " fits the spec and changes nothing but allowed fields._"
)


def section(offer: Offer) -> str:
    """Write the section with the suggested fix; empty without one."""
    parts = [*_explained(offer), *_edit(offer), _refusal(offer), _pending(offer)]
    said = [part for part in parts if part]
    return "\n\n".join(["### Suggested fix", *said]) if said else ""


def commit_message(suggestion: Suggestion, by: str) -> tuple[str, str]:
    """Write the headline and body of the commit that applies a suggestion; `by` names who asked."""
    classes = ", ".join(sorted({class_of(fix) for fix in suggestion.cause.fixes}))
    origin = "a model" if suggestion.cause.by == "model" else "a rule"
    names = [plain(each.path.removesuffix(".yaml")) for each in suggestion.edits[:_NAMED]]
    more = f" and {len(suggestion.edits) - _NAMED} more" if len(suggestion.edits) > _NAMED else ""
    headline = f"{', '.join(names) or plain(suggestion.package)}{more}"
    after = f"after the checks of {suggestion.head} failed"
    return (
        f"{headline}: {classes.replace('-', ' ')}",
        f"Suggested by {origin} {after}; applied by {plain(by)}.",
    )


def diff(suggestion: Suggestion) -> str:
    """Show an edit as a unified diff with every file's path, as plain text."""
    shown = [line for each in suggestion.edits for line in _diff(each)]
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
    """Return the explanation; it is left out where another pull request shows it."""
    suggestion = offer.suggestion
    words = suggestion.cause.explanation.strip() if offer.same_as is None else ""
    if suggestion.cause.by == "rule":
        return [inert(words, limit=1000)] if words else []
    if not words and not suggestion.has_edit:
        return []
    lines = [suggestion.cause.title, *(["", *words.splitlines()] if words else [])]
    wrapped = "\n".join(textwrap.fill(line, _WIDTH) for line in lines)
    return [_UNVERIFIED, fenced(wrapped, "text", limit=3000) if wrapped else ""]


def _edit(offer: Offer) -> list[str]:
    suggestion = offer.suggestion
    if not suggestion.has_edit:
        return []
    helped = f"The same edit helped in #{suggestion.helped_in}." if suggestion.helped_in else ""
    return [helped, _where(suggestion), fenced(diff(suggestion), "diff"), _how(offer)]


def _where(suggestion: Suggestion) -> str:
    """Say which of a group's specs failed, where there are several."""
    if not suggestion.branch.startswith(f"octobot/{change_of_group('')}"):
        return ""
    paths = [code(each.path) for each in suggestion.edits[:_PATHS]]
    more = f" and {len(suggestion.edits) - _PATHS} more" if len(suggestion.edits) > _PATHS else ""
    return f"In {', '.join(paths)}{more}:"


def _how(offer: Offer) -> str:
    if offer.applies_itself:
        return "octobot applies this edit by itself; the checks then run again."
    return (
        f"`/octobot apply` commits exactly this edit while {code(offer.suggestion.head)} is the"
        " head of this branch. The new commit is checked and judged like any other."
    )


def _refusal(offer: Offer) -> str:
    if not offer.refused:
        return ""
    return f"A suggested edit was rejected: {inert(offer.refused, limit=300)}"


def _pending(offer: Offer) -> str:
    return "A model is being asked; its answer will appear here." if offer.pending else ""
