"""Turn the decisive line into a cause: title, explanation, and fixes where one is certain."""

from collections.abc import Mapping, Sequence

import re2

from octobot.model.triage import UNKNOWN_CAUSE, Cause, LogLine
from octobot.triage.knowledge.rule import AROUND, Known, Rule
from octobot.triage.log import scoring
from octobot.triage.log.lines import Line

_LONGEST = 200
"""Characters of a title."""


def name(lines: Sequence[Line], index: int, shown: LogLine, known: Known) -> Cause:
    """Return the cause that a line shows; `UNKNOWN` with that line when no entry matches it."""
    text = lines[index].text[: scoring.LINE_LIMIT].strip()
    for rule, pattern in scoring.rules(lines[index].text):
        if not rule.near or _nearest(lines, index, rule.near, both=True) is not None:
            return _cause(rule, _groups(lines, index, rule, pattern, text), shown, known)
    return Cause(UNKNOWN_CAUSE.kind, "", shown, confidence=0.0)


def _cause(rule: Rule, groups: Mapping[str, str], shown: LogLine, known: Known) -> Cause:
    return Cause(
        kind=rule.kind,
        title=_filled(rule.title, groups)[:_LONGEST],
        line=shown,
        explanation=_filled(rule.says, groups),
        fixes=rule.fixes(groups, known),
        by="rule",
        confidence=rule.confidence,
    )


def _groups(
    lines: Sequence[Line], index: int, rule: Rule, pattern: str, text: str
) -> Mapping[str, str]:
    """Return the groups of the line's match, with those of the lines around."""
    found = re2.search(pattern, text)
    groups = _groups_of(found)
    if rule.back and (match := _nearest(lines, index, rule.back, both=False)) is not None:
        groups = {**_groups_of(match), **groups}
    if rule.ahead and (match := _following(lines, index, rule.ahead)) is not None:
        groups = {**_groups_of(match), **groups}
    return groups


def _groups_of(match: "re2._Match | None") -> dict[str, str]:
    groups = match.groupdict() if match else {}
    return {key: value.strip(" .") for key, value in groups.items() if value}


def _nearest(lines: Sequence[Line], index: int, pattern: str, *, both: bool) -> "re2._Match | None":
    """Find the nearest line before (or the next after) that has the pattern."""
    compiled = re2.compile(pattern)
    for other in range(index, max(index - AROUND, -1), -1):
        if match := compiled.search(lines[other].text[: scoring.LINE_LIMIT]):
            return match
    return _following(lines, index, pattern) if both else None


def _following(lines: Sequence[Line], index: int, pattern: str) -> "re2._Match | None":
    compiled = re2.compile(pattern)
    for other in range(index + 1, min(index + AROUND, len(lines))):
        if match := compiled.search(lines[other].text[: scoring.LINE_LIMIT]):
            return match
    return None


def _filled(words: str, groups: Mapping[str, str]) -> str:
    """Fill in the groups; a missing group is left out."""
    for key, value in groups.items():
        words = words.replace("{" + key + "}", value)
    words = re2.sub(r"[:,]? *\{[a-z0-9]+\}", "", words)
    return " ".join(words.split()).strip(" :")


def decisive_part(text: str) -> int:
    """Return where the part of a line begins that an entry matches; 0 when none does."""
    known = scoring.rules(text)
    found = re2.search(known[0][1], text[: scoring.LINE_LIMIT]) if known else None
    return int(found.start()) if found else 0
