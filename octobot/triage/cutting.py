"""From a whole log to its failing step, the decisive line and the few lines around it.

The end is where the runner or melange says that it gave up; clean-up follows.  Every line before
it is weighed (`signs`), and a line weighs more the nearer it is to where the failure stopped the
build: in the last step, after the last traced command, shortly before the first echo.  Among the
heaviest the first decides, because later errors mostly follow from it.
"""

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from octobot.triage.lines import Line, Mark
from octobot.triage.signs import GENERIC, is_echo, weigh

KEEP = 25
"""Lines shown at most."""

_BEFORE, _AFTER = 2, 5
"""Lines before and after the decisive one: compilers explain below."""

_TELLING = 6
"""The least weight of a line that is shown for itself."""

_NEAR = 80
"""An error this many lines before the first echo is likely what stopped the build."""

_TAIL = 15
"""Lines shown when nothing stands out."""

_STEP = re.compile(
    r"running step[ :]+\"?([^\"]{1,200}?)\"?(?: on | arch=|$)"
    r"|running (?:the )?(.{1,100} pipeline)\b|running (pipeline for subpackage \S{1,100})"
)


@dataclass(frozen=True, slots=True)
class Excerpt:
    """The part of a log that matters."""

    step: str
    cause: Line | None
    lines: tuple[Line, ...]


@dataclass(frozen=True, slots=True)
class _Place:
    """Where in the log things happened, as indexes."""

    end: int
    step: int
    trace: int
    echo: int


def cut(lines: Sequence[Line]) -> Excerpt:
    """Cut a log's lines down; an empty or silent log gives what it has."""
    place = _place(lines)
    weights = {
        index: weight + _nearness(index, place)
        for index in range(place.end + 1)
        if (weight := weigh(lines[index].text) + _marked(lines[index])) > GENERIC
    }
    best = max(weights, key=lambda index: (weights[index], -index), default=None)
    if best is None:
        return Excerpt(_step_name(lines, place.end), None, _tail(lines, place.end))
    kept = _keep(lines, weights, best, place)
    return Excerpt(_step_name(lines, best), lines[best], kept)


def _place(lines: Sequence[Line]) -> _Place:
    end = _end(lines)
    step = max((i for i in range(end) if _opens_step(lines, i)), default=0)
    trace = max((i for i in range(end) if lines[i].text.startswith("+ ")), default=0)
    echoes = (i for i in range(step, end + 1) if is_echo(lines[i].text))
    return _Place(end=end, step=step, trace=trace, echo=next(echoes, end))


def _end(lines: Sequence[Line]) -> int:
    """Find the last line of the failure: the runner's last word, or melange's, or the log's."""
    marks = [i for i, line in enumerate(lines) if line.mark is Mark.ERROR]
    return marks[-1] if marks else len(lines) - 1


def _nearness(index: int, place: _Place) -> int:
    near = 2 if place.echo - _NEAR <= index <= place.echo else 0
    return near + (3 if index >= place.step else 0) + (1 if index >= place.trace else 0)


def _marked(line: Line) -> int:
    return 5 if line.mark is Mark.ERROR and not is_echo(line.text) else 0


def _opens_step(lines: Sequence[Line], index: int) -> bool:
    return lines[index].mark is Mark.GROUP or _melange_step(lines[index]) is not None


def _melange_step(line: Line) -> str | None:
    found = _STEP.search(line.text) if line.stamped else None
    return next(filter(None, found.groups()), None) if found else None


def _step_name(lines: Sequence[Line], index: int) -> str:
    """Name the step around a line: melange's own, else GitHub's, else the last traced command."""
    group = trace = ""
    for line in reversed(lines[: index + 1]):
        if step := _melange_step(line):
            return step
        if line.mark is Mark.GROUP and not group:
            group = line.text.strip()
        if line.text.startswith("+ ") and not trace:
            trace = line.text[2:].strip()[:120]
    return group or trace


def _keep(
    lines: Sequence[Line], weights: dict[int, int], best: int, place: _Place
) -> tuple[Line, ...]:
    """Choose lines in the order of their worth until there are enough; show them in their own."""
    chosen: dict[int, None] = {}
    for index in _worth(lines, weights, best, place):
        if len(chosen) < KEEP and lines[index].text.strip():
            chosen.setdefault(index)
    return tuple(lines[index] for index in sorted(chosen))


def _worth(
    lines: Sequence[Line], weights: dict[int, int], best: int, place: _Place
) -> Iterator[int]:
    yield best
    yield place.end
    yield from range(max(best - 1, 0), max(best - 1 - _BEFORE, -1), -1)
    yield from range(best + 1, min(best + 1 + _AFTER, len(lines)))
    yield place.echo
    yield next((i for i in range(best, -1, -1) if lines[i].text.startswith("+ ")), best)
    seen = {_template(lines[best].text)}
    telling = (i for i in weights if weigh(lines[i].text) >= _TELLING or _marked(lines[i]))
    for index in sorted(telling, key=lambda index: (-weights[index], index)):
        template = _template(lines[index].text)
        if template not in seen:
            seen.add(template)
            yield index


def _template(text: str) -> str:
    """Reduce a line to its shape, so that a hundred alike count as one."""
    return re.sub(r"[0-9a-f]{6,}|[0-9]+|'[^']*'|\"[^\"]*\"", "#", text[:300])


def _tail(lines: Sequence[Line], end: int) -> tuple[Line, ...]:
    shown = [line for line in lines[: end + 1] if line.text.strip()]
    return tuple(shown[-_TAIL:])
