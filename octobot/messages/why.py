"""What `octobot why NAME` prints: the reason code of a package and what it rests on.

Plain lines for a terminal; the caller decides about colour.
"""

from collections.abc import Iterator, Sequence
from datetime import MAXYEAR
from itertools import chain

from octobot.messages.dates import moment
from octobot.messages.terminal import inert
from octobot.model.bump import Proposed
from octobot.model.ids import display_name
from octobot.model.memory import Row, Sighting
from octobot.model.package import Package
from octobot.model.reasons import MEANING, Reason
from octobot.model.release import Selection
from octobot.model.verdict import Outcome, Verdict
from octobot.model.wave import Wave

_MARKS = {Outcome.MERGE: "ok", Outcome.WAIT: "wait", Outcome.BLOCK: "block"}


def explain(
    row: Row,
    package: Package | Reason,
    *,
    sighting: Sighting | None = None,
    history: Sequence[Proposed] = (),
    verdict: Verdict | None = None,
    waves: Sequence[Wave] = (),
) -> tuple[str, ...]:
    """Return all that is known of why the package is where it is, the reason first."""
    return tuple(
        chain(
            _reason(row),
            _versions(row, package),
            _seen(sighting),
            _history(history),
            _rulings(verdict),
            _waves(row, package, waves),
            _times(row),
        )
    )


def candidates(selection: Selection) -> tuple[str, ...]:
    """Return which releases were considered and why each was not chosen, newest first."""
    chosen = selection.newest
    newest = [f"newest: {inert(chosen.version)} ({inert(chosen.release.name)})"] if chosen else []
    older = [
        f"older: {inert(other.version)} ({inert(other.release.name)})"
        for other in selection.unchosen
    ]
    dropped = [f"dropped: {inert(drop.name)}: {inert(drop.because)}" for drop in selection.dropped]
    return (*(newest or ["newest: none"]), *older, *dropped)


def verdict_lines(verdict: Verdict) -> tuple[str, ...]:
    """Return a verdict's lines as in `explain`: what decides, then every rule."""
    reason = verdict.reason
    again = f"again at {moment(verdict.again)}" if verdict.again else ""
    first = f"{verdict.outcome.value}: {inert(str(reason), limit=1000)}"
    return tuple(filter(None, (first, again, *_rulings(verdict))))


def _reason(row: Row) -> Iterator[str]:
    reason = row.reason
    yield f"{inert(row.key.package)}: {reason.code.value}"
    yield f"  {MEANING[reason.code]}"
    if reason.detail:
        yield f"  {inert(reason.detail, limit=1000)}"
    if reason.where:
        yield f"  at {inert(str(reason.where))}"


def _waves(row: Row, package: Package | Reason, waves: Sequence[Wave]) -> Iterator[str]:
    """Yield the waves that rebuild a package, the newest first."""
    for wave in reversed(waves):
        intended = wave.specs.get(row.key.package)
        if intended is None:
            continue
        if isinstance(package, Package) and package.full_version != intended.of:
            state = f"this package was {inert(intended.of)} and is rebuilt"
        else:
            state = "its rebuild is ordered" if intended.ordered else "it waits for its level"
        issue = f", issue #{wave.issue}" if wave.issue else ""
        by = f", by {inert(wave.by)}" if wave.by else ""
        yield f"wave: {inert(str(wave.trigger))} ({wave.state}{by}{issue}): {state}"


def _versions(row: Row, package: Package | Reason) -> Iterator[str]:
    if isinstance(package, Reason):
        yield f"spec: {inert(str(package))}"
    else:
        yield f"spec: {inert(package.full_version)} in {inert(package.path)}"
    if row.upstream:
        yield f"upstream: {inert(row.upstream.datasource)} {inert(row.upstream.identifier)}"
    if row.target:
        yield f"newest: {inert(row.target.version)} ({inert(row.target.release.name)})"


def _seen(sighting: Sighting | None) -> Iterator[str]:
    if sighting is None:
        return
    first = sighting.first
    at = f" at {inert(first.commit)}" if first.commit else ""
    yield f"first seen: {moment(first.first_seen)}, {inert(first.name)}{at}"
    if sighting.moved_to:
        yield f"moved: {inert(first.name)} was also seen at {inert(sighting.moved_to)}"


def _history(history: Sequence[Proposed]) -> Iterator[str]:
    for proposed in history:
        number = f" #{proposed.number}" if proposed.number else ""
        version, others = inert(proposed.version), ""
        if proposed.files:
            group = inert(display_name(proposed.package))
            others = f" with the group {group}, {len(proposed.files)} in all"
        yield f"proposed: {version}{number}{others}, {proposed.state}, {moment(proposed.at)}"


def _rulings(verdict: Verdict | None) -> Iterator[str]:
    if verdict is None:
        return
    yield f"verdict: {verdict.outcome.value} for {inert(verdict.head)}"
    for ruling in verdict.rulings:
        detail = ruling.reason.detail or MEANING[ruling.reason.code]
        mark = "later" if ruling.later else _MARKS[ruling.outcome]
        yield f"  {mark:<5} {inert(ruling.rule)}: {inert(detail)}"


def _times(row: Row) -> Iterator[str]:
    never = row.due.year == MAXYEAR
    yield f"next check of the package: {'when something changes' if never else moment(row.due)}"
    yield f"next check of its upstream: {moment(row.look_due)}"
    if row.issue is not None:
        yield f"issue: #{row.issue}"
