"""Who objects to the merge, in any of the forms that GitHub has for it.

A request for changes, a draft, a label, auto-merge that somebody disabled, a merge queue that
somebody took the pull request out of, a conversation that must be resolved: each waits for the
person who did it.  It does not matter on which commit it was made, nor whether it was made on an
older pull request that this one replaces, and neither a waiver nor somebody else's approval ends
it.
"""

from collections.abc import Iterable
from itertools import groupby

from octobot.model.pull_request import Objection, ObjectionKind
from octobot.model.reasons import Reason, ReasonCode
from octobot.model.verdict import Ruling, Snapshot
from octobot.policy.findings import passed, wait

_RULE = "objections"
_CODES: dict[ObjectionKind, ReasonCode] = {
    "review": ReasonCode.CHANGES_REQUESTED,
    "draft": ReasonCode.DRAFT,
    "label": ReasonCode.BLOCKING_LABEL,
    "auto-merge": ReasonCode.AUTO_MERGE_DISABLED,
    "merge-queue": ReasonCode.DEQUEUED,
    "conversation": ReasonCode.UNRESOLVED_CONVERSATION,
}
"""In the order in which they decide the reason code."""
_SAYS: dict[ObjectionKind, tuple[str, str]] = {
    "review": ("requested", "they approve or the review is dismissed"),
    "draft": ("converted to a draft", "it is marked ready for review"),
    "label": ("labeled", "the label is removed"),
    "auto-merge": ("auto-merge was disabled", "they enable it or approve"),
    "merge-queue": ("removed from the merge queue", "they add it again or approve"),
    "conversation": ("a conversation was started", "it is resolved"),
}
"""What was done, and until when it counts."""
_NOBODY = "somebody that GitHub does not name"


def nobody_objects(snapshot: Snapshot) -> Ruling:
    """Wait while anybody objects; another person's approval is not enough.

    Only the person's own act ends it; no commit, no waiver and no newer version does.
    """
    objections = snapshot.state.objections
    if objections is None:
        detail = "it is not known whether somebody requested changes"
        return wait(_RULE, ReasonCode.CHANGES_REQUESTED, detail)
    if counting := [one for one in objections if _counts(one, snapshot)]:
        order = list(_CODES)
        counting.sort(key=lambda one: (order.index(one.kind), one.on or 0, one.label))
        return wait(_RULE, _CODES[counting[0].kind], _described(counting))
    return passed(_RULE, "nobody objects")


def _counts(one: Objection, snapshot: Snapshot) -> bool:
    """Return whether the repository's file or protection makes an objection count."""
    match one.kind:
        case "label":
            config = snapshot.config
            if isinstance(config, Reason):
                return True
            return one.label.casefold() in {name.casefold() for name in config.blocking_labels}
        case "conversation":
            return snapshot.state.wants.conversations
        case _:
            return True


def _described(objections: Iterable[Objection]) -> str:
    found = groupby(objections, key=lambda one: (one.kind, one.on or 0, one.label))
    return "; ".join(_one_kind(*key, [each.login for each in those]) for key, those in found)


def _one_kind(kind: ObjectionKind, on: int, label: str, logins: list[str]) -> str:
    did, until = _SAYS[kind]
    who = ", ".join(login or _NOBODY for login in dict.fromkeys(logins))
    what = f"{did} {label}".rstrip()
    if not on:
        return f"{what} by {who}: until {until}"
    return f"{what} by {who} on #{on}: until {until} there, or the same person approves this one"
