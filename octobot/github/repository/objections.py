"""Who objects to a pull request, by what GitHub shows of its people; pure.

GitHub itself disables auto-merge and removes from the queue, too; the event's actor and reason
show which.  Where no person is named, only a reason shows that GitHub did it.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime

from octobot.github.transport.json_fields import Unexpected, at, items, maybe_number, moment, text
from octobot.model.pull_request import Objection, ObjectionKind

_NO, _YES = "CHANGES_REQUESTED", "APPROVED"
_OPINIONS = frozenset({_YES, _NO, "DISMISSED"})
_ENABLED = frozenset(
    f"{kind}Event"
    for kind in ("AutoMergeEnabled", "AutoSquashEnabled", "AutoRebaseEnabled", "AddedToMergeQueue")
)
_ENDED: dict[str, ObjectionKind] = {
    "AutoMergeDisabledEvent": "auto-merge",
    "RemovedFromMergeQueueEvent": "merge-queue",
}
_STARTS = {
    "AutoMergeDisabledEvent": _ENABLED - {"AddedToMergeQueueEvent"},
    "RemovedFromMergeQueueEvent": frozenset({"AddedToMergeQueueEvent"}),
}
"""What ends → what it was begun by."""
_BY_HAND = frozenset({"manual", "dequeued"})
_BY_GITHUB = frozenset({
    "merge", "merged", "already_merged", "merge_conflict", "conflict", "failed_checks",
    "ci_failure", "ci_timeout", "timeout", "branch_invalidated", "branch_protections", "roll_back",
    "queue_cleared", "git_tree_invalid", "invalid_merge_commit",
})  # fmt: skip
"""Reasons of which the actor is not the cause; source: docs.github.com, webhook `pull_request`,
action `dequeued`, in the lower case of the timeline."""


@dataclass(frozen=True, slots=True)
class Person:
    """Who did something; GitHub shows no account that is gone."""

    id: int
    login: str
    is_bot: bool = False


@dataclass(frozen=True, slots=True)
class Event:
    """One event of the timeline."""

    kind: str
    by: Person | None
    at: datetime
    label: str
    reason: str


@dataclass(frozen=True, slots=True)
class _Objected:
    kind: ObjectionKind
    by: Person | None
    at: datetime | None
    label: str = ""

    def against(self, on: int | None) -> Objection:
        """Return it as the policy sees it."""
        by = self.by
        return Objection(by.id if by else 0, by.login if by else "", self.kind, on, self.label)


@dataclass(frozen=True, slots=True)
class PullPeople:
    """What people did to one pull request."""

    objected: tuple[_Objected, ...]
    """As it is now; without auto-merge and the queue, which the events show."""
    approved: tuple[tuple[int, datetime], ...]
    """Who approves, and since when."""
    events: tuple[Event, ...]
    """Oldest first."""

    def stopped(self, bot: int) -> Iterator[_Objected]:
        """Yield whose removal or disabling is neither undone nor made good by themselves."""
        stops: dict[int, _Objected] = {}
        for event in self.events:
            if event.kind in _ENABLED and event.by:
                stops.pop(event.by.id, None)
            if event.kind in _ENDED and event.by and _is_persons(event, bot):
                stop = _Objected(_ENDED[event.kind], event.by, event.at)
                stops[event.by.id] = stop
        yield from (one for one in stops.values() if not _lifts(self.approved, one))

    def enabled(self) -> Iterator[tuple[int, datetime]]:
        """Yield who enabled auto-merge or enqueued, and when."""
        yield from ((e.by.id, e.at) for e in self.events if e.by and e.kind in _ENABLED)

    def removed(self, bot: int) -> str | None:
        """Return why the last merge that was left to GitHub ended; None: it shows no such end."""
        ends = [one for one in self.events if one.kind in _ENDED and not _is_by(one, bot)]
        if not ends:
            return None
        last = ends[-1]
        if _is_persons(last, bot) and last.by:
            return f"by {last.by.login}"
        return last.reason or "no reason given"

    def is_reopened(self, bot: int) -> bool:
        """Return whether it was reopened last, by somebody else than octobot."""
        moves = [one for one in self.events if one.kind in ("ClosedEvent", "ReopenedEvent")]
        return bool(moves) and moves[-1].kind == "ReopenedEvent" and not _is_by(moves[-1], bot)


def objections_to(
    own: PullPeople, older: Sequence[tuple[int, PullPeople]], *, bot: int
) -> list[Objection]:
    """Return the objections to a pull request and, newest first, those that it replaces."""
    found = [one.against(None) for one in (*own.objected, *own.stopped(bot))]
    later = [own]
    for number, people in older:
        found += [
            one.against(number)
            for one in (*people.objected, *people.stopped(bot))
            if not any(_is_lifted(one, each) for each in later)
        ]
        later.append(people)
    return sorted(found, key=lambda one: (one.on or 0, one.login, one.by, one.kind, one.label))


def unseen_stop(pulls: Sequence[PullPeople], absent: frozenset[str]) -> str | None:
    """Return an event by which somebody may have said no unseen, where a server does not show it.

    `absent`: the types of events that it does not show.  Where it shows no beginning of any kind,
    it has no such feature; where it shows every kind, and none happened, nothing could end.
    """
    happened = {event.kind for pull in pulls for event in pull.events}
    for stop, starts in _STARTS.items():
        no_feature = starts <= absent
        unused = starts.isdisjoint({*absent, *happened})
        if stop in absent and not no_feature and not unused:
            return stop
    return None


def _is_lifted(one: _Objected, by: PullPeople) -> bool:
    """Return whether the same person said yes to a newer pull request since."""
    stopped = one.kind in ("auto-merge", "merge-queue")
    return _lifts(by.approved, one) or (stopped and _lifts(tuple(by.enabled()), one))


def _lifts(yeses: Sequence[tuple[int, datetime]], one: _Objected) -> bool:
    return any(
        one.by is not None and one.by.id == by != 0 and (one.at is None or at >= one.at)
        for by, at in yeses
    )


def _is_by(event: Event, bot: int) -> bool:
    return event.by is not None and event.by.id == bot


def _is_persons(event: Event, bot: int) -> bool:
    """Return whether a person ended it; a reason that is not known is not GitHub's."""
    if event.by is None or event.by.id == bot:
        return False
    if event.reason in _BY_HAND:
        return True
    return not event.by.is_bot and event.reason not in _BY_GITHUB


def read_people(shown: object, reviews: list[object], threads: list[object]) -> PullPeople:
    """Read one pull request's people out of the query's answer."""
    events = tuple(map(_event, items(shown, "timelineItems", "nodes")))
    return PullPeople(
        objected=(
            *_requests(reviews),
            *_draft(shown, events),
            *(_label(text(node, "name"), events) for node in items(shown, "labels", "nodes")),
            *_conversations(threads),
        ),
        approved=tuple(
            (by.id, moment(node, "submittedAt"))
            for node in reviews
            if at(node, "state") == _YES and (by := _person(node, "author"))
        ),
        events=events,
    )


def _requests(nodes: list[object]) -> Iterator[_Objected]:
    for node in nodes:
        state = text(node, "state")
        if state not in _OPINIONS:
            raise Unexpected("state", "known opinion")
        if state == _NO:
            by = _person(node, "author") or Person(0, "ghost")
            yield _Objected("review", by, moment(node, "submittedAt"))


def _draft(shown: object, events: Sequence[Event]) -> Iterator[_Objected]:
    draft = at(shown, "isDraft")
    if not isinstance(draft, bool):
        raise Unexpected("isDraft", "boolean")
    if draft:
        yield _of_event("draft", _last(events, "ConvertToDraftEvent"))


def _label(name: str, events: Sequence[Event]) -> _Objected:
    return _of_event("label", _last(events, "LabeledEvent", name), name)


def _of_event(kind: ObjectionKind, event: Event | None, label: str = "") -> _Objected:
    return _Objected(kind, event.by if event else None, event.at if event else None, label)


def _last(events: Sequence[Event], kind: str, label: str = "") -> Event | None:
    found = (one for one in reversed(events) if (one.kind, one.label) == (kind, label))
    return next(found, None)


def _conversations(nodes: list[object]) -> Iterator[_Objected]:
    for node in nodes:
        resolved = at(node, "isResolved")
        if not isinstance(resolved, bool):
            raise Unexpected("isResolved", "boolean")
        if not resolved:
            first = items(node, "comments", "nodes")[:1]
            by = _person(first[0], "author") if first else None
            yield _Objected("conversation", by, moment(first[0], "createdAt") if first else None)


def _event(node: object) -> Event:
    label = text(node, "label", "name") if at(node, "label") is not None else ""
    reason = str(at(node, "reason") or "").lower()
    kind = text(node, "__typename")
    return Event(kind, _person(node, "actor"), moment(node, "createdAt"), label, reason)


def _person(node: object, name: str) -> Person | None:
    if at(node, name) is None:
        return None
    kind = at(node, name, "__typename")
    return Person(
        maybe_number(node, name, "databaseId") or 0, text(node, name, "login"), kind == "Bot"
    )
