"""From a whole log to its failing step, the decisive line and the few lines around it.

The end is where the runner or melange reports the failure; clean-up follows.  Every line before it
has a weight (`scoring`), and more weight the nearer it is to where the failure stopped the build:
in the last step, after the last traced command, shortly before the first echo.  Among the heaviest
lines the first one decides, because later errors mostly follow from it.

What is retried right afterwards, and what the same job prints when it succeeds, is not a cause.
"""

import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass

from octobot.model.triage import FLAKES, CauseClass
from octobot.triage.log.budget import TOKENS, shortened, shown, tokens
from octobot.triage.log.lines import Line, Mark
from octobot.triage.log.scoring import GENERIC, SPECIFIC, is_echo, is_retry, rules, weigh
from octobot.triage.log.templates import Baseline, Clusters

KEEP = 25
"""Lines shown at most."""

_BEFORE, _AFTER = 2, 5
"""Lines before and after the decisive one: compilers explain below."""

_WORTH_SHOWING = 6
"""The least weight of a line that is shown on its own."""

_NEAR = 80
"""An error this many lines before the first echo is likely what stopped the build."""

_BEYOND = 20
"""And this many after it: some tools print the output of the failed command below it."""

_SOON = 4
"""What is retried within so many lines was not the end."""

_FOLLOWED = frozenset({CauseClass.COMPILE_ERROR, CauseClass.TEST_FAILED})
"""Causes whose lines come again and again until the command ends."""

_WIDE = 8
"""Lines around a decisive line that no entry of the knowledge base explains."""

_COMPARED = 300
"""Lines that are compared with each other, the heaviest."""

_TAIL = 15
"""Lines shown when no line is decisive."""

_STEP = re.compile(
    r"running step[ :]+\"?([^\"]{1,200}?)\"?(?: on | arch=|$)"
    r"|running (?:the )?(.{1,100} pipeline)\b|running (pipeline for subpackage \S{1,100})"
)


@dataclass(frozen=True, slots=True)
class Excerpt:
    """The part of a log that matters."""

    step: str
    best: int | None
    """The decisive line, as an index; None when no line is decisive."""
    kept: tuple[int, ...]
    """The lines to show, as indexes in the order of the log."""
    significant: tuple[str, ...]
    """The heaviest other lines, whose order says nothing."""


@dataclass(frozen=True, slots=True)
class _Place:
    """Where in the log things happened, as indexes."""

    end: int
    step: int
    trace: int
    echo: int


def cut(lines: Sequence[Line], baseline: Baseline) -> Excerpt:
    """Return the excerpt of a log; without a decisive line it has the last lines."""
    place = _place(lines)
    weights = _weights(lines, place, baseline)
    best = _best(lines, weights, place)
    if best is None:
        kept = _tail(lines, place.end, baseline)
        return Excerpt(_step_name(lines, place.end), None, kept, ())
    kept = _keep(lines, weights, best, place)
    heaviest = sorted(weights, key=lambda i: (-weights[i], lines[i].text))
    significant = tuple(lines[i].text for i in heaviest if i != best and weights[i] >= SPECIFIC)
    return Excerpt(_step_name(lines, best), best, kept, significant[:3])


def _weights(lines: Sequence[Line], place: _Place, baseline: Baseline) -> dict[int, int]:
    """Return the weights of all lines up to the end that have one."""
    found: dict[int, int] = {}
    for index in range(place.end + 1):
        line = lines[index]
        weight = weigh(line.text)
        if weight + _marked(line) > GENERIC and not _is_no_cause(lines, index, baseline):
            found[index] = weight + _marked(line) + _nearness(index, place)
    return found


def _is_no_cause(lines: Sequence[Line], index: int, baseline: Baseline) -> bool:
    """Return whether a line is retried right away, or printed by successful runs too."""
    if any(is_retry(line.text) for line in lines[index : index + _SOON]):
        return True
    text = lines[index].text
    return baseline.has(text, exactly=weigh(text) >= SPECIFIC)


def _best(lines: Sequence[Line], weights: Mapping[int, int], place: _Place) -> int | None:
    """Return the decisive line; a failed request inside a failing test belongs to the test."""
    best = _heaviest(weights)
    if best is None:
        return None
    if _FOLLOWED & _kinds(lines[best]):
        return _first_of_its_command(lines, weights, best, place)
    if not FLAKES & _kinds(lines[best]):
        return best
    failing = {
        index: weight
        for index, weight in weights.items()
        if index >= place.step and CauseClass.TEST_FAILED in _kinds(lines[index])
    }
    return best if not failing else _heaviest(failing)


def _first_of_its_command(
    lines: Sequence[Line], weights: Mapping[int, int], best: int, place: _Place
) -> int:
    """Return the first such line of the command: parallel jobs continue, and fail or sum up too."""
    kinds, first = _kinds(lines[best]), max(place.step, place.trace)
    alike = [i for i in weights if first <= i <= best and kinds == _kinds(lines[i])]
    return max(alike, key=lambda i: (weigh(lines[i].text), -i), default=best)


def _heaviest(weights: Mapping[int, int]) -> int | None:
    return max(weights, key=lambda index: (weights[index], -index), default=None)


def _kinds(line: Line) -> frozenset[CauseClass]:
    return frozenset(rule.kind for rule, _ in rules(line.text)[:1])


def _place(lines: Sequence[Line]) -> _Place:
    end = _end(lines)
    step = max((i for i in range(end) if _opens_step(lines, i)), default=0)
    trace = max((i for i in range(end) if lines[i].text.startswith("+ ")), default=0)
    echoes = (i for i in range(step, end + 1) if is_echo(lines[i].text))
    return _Place(end=end, step=step, trace=trace, echo=next(echoes, end))


def _end(lines: Sequence[Line]) -> int:
    """Return the last line of the failure: the last error of runner or melange, or of the log."""
    marks = [i for i, line in enumerate(lines) if line.mark is Mark.ERROR]
    return marks[-1] if marks else len(lines) - 1


def _nearness(index: int, place: _Place) -> int:
    near = 2 if place.echo - _NEAR <= index <= place.echo + _BEYOND else 0
    return near + (3 if index >= place.step else 0) + (1 if index >= place.trace else 0)


def _marked(line: Line) -> int:
    return 5 if line.mark is Mark.ERROR and not is_echo(line.text) else 0


def _opens_step(lines: Sequence[Line], index: int) -> bool:
    return lines[index].mark is Mark.GROUP or _melange_step(lines[index]) is not None


def _melange_step(line: Line) -> str | None:
    found = _STEP.search(line.text) if line.stamped else None
    return next(filter(None, found.groups()), None) if found else None


def _step_name(lines: Sequence[Line], index: int) -> str:
    """Name the step around a line: melange's or GitHub's, else the last traced command."""
    trace = ""
    for line in reversed(lines[: index + 1]):
        if step := _melange_step(line):
            return step
        if line.mark is Mark.GROUP:
            return line.text.strip()
        if line.text.startswith("+ ") and not trace:
            trace = line.text[2:].strip()[:120]
    return trace


def _keep(
    lines: Sequence[Line], weights: Mapping[int, int], best: int, place: _Place
) -> tuple[int, ...]:
    """Return the most important lines until there are enough, in the order of the log."""
    return _affordable(lines, _worth(lines, weights, best, place))


def _affordable(lines: Sequence[Line], wanted: Iterator[int]) -> tuple[int, ...]:
    chosen: set[int] = set()
    left = TOKENS
    for index in wanted:
        line = lines[index]
        price = tokens(shown(line.number, shortened(line.text.rstrip())))
        if len(chosen) < KEEP and price <= left and line.text.strip() and index not in chosen:
            chosen.add(index)
            left -= price
    return tuple(sorted(chosen))


def _worth(
    lines: Sequence[Line], weights: Mapping[int, int], best: int, place: _Place
) -> Iterator[int]:
    yield best
    yield place.end
    yield from range(max(best - 1, 0), max(best - 1 - _BEFORE, -1), -1)
    yield from range(best + 1, min(best + 1 + _AFTER, len(lines)))
    yield place.echo
    yield next((i for i in range(best, -1, -1) if lines[i].text.startswith("+ ")), best)
    clusters = Clusters()
    seen = {clusters.of(lines[best].text)}
    heavy = (i for i in weights if weigh(lines[i].text) >= _WORTH_SHOWING or _marked(lines[i]))
    for index in sorted(heavy, key=lambda index: (-weights[index], index))[:_COMPARED]:
        cluster = clusters.of(lines[index].text)
        if cluster not in seen:
            seen.add(cluster)
            yield index
    if not rules(lines[best].text):
        yield from range(best, min(best + _WIDE, place.end))
        yield from range(best, max(best - _WIDE, -1), -1)


def _tail(lines: Sequence[Line], end: int, baseline: Baseline) -> tuple[int, ...]:
    """Return the last lines, preferably those that a successful run does not print."""
    filled = [index for index in range(end + 1) if lines[index].text.strip()]
    if baseline:
        new = [i for i in filled if not baseline.has(lines[i].text, exactly=True)]
        filled = new or filled
    return _affordable(lines, iter(filled[: -_TAIL - 1 : -1]))
