"""What a backtest shows: a table by class, why bumps were refused, and a few differences."""

from collections import Counter, defaultdict
from collections.abc import Iterator, Mapping, Sequence
from itertools import islice, zip_longest

from rich.console import Group, RenderableType
from rich.table import Table
from rich.text import Text

from octobot.flows.backtest.backtest import UNKNOWN_KIND, Outcome, Result
from octobot.messages.cleaning import clean
from octobot.messages.terminal import inert
from octobot.model.reasons import ReasonCode
from octobot.specs.history.history import EDITED, TAKEN_BACK

REASONS = 8
"""Reason codes shown, those that refused most."""
DIFFERENCES = 3
"""Differences shown."""
LINES = 24
"""Lines shown of one difference."""
_COLOURS = {"+": "green", "-": "red", "@": "cyan"}

_UNJUDGED = (EDITED, TAKEN_BACK, UNKNOWN_KIND)
"""Classes without a right answer: a person's work, what was reverted for reasons that no spec
shows, and refusals of which no answer is known."""

ByKind = Mapping[str, Sequence[Result]]


def by_kind(results: Sequence[Result]) -> ByKind:
    """Sort results by class, the largest first and those that are not judged last."""
    sorted_by: defaultdict[str, list[Result]] = defaultdict(list)
    for result in results:
        sorted_by[result.kind].append(result)
    kinds = sorted(sorted_by, key=lambda kind: (kind in _UNJUDGED, -len(sorted_by[kind]), kind))
    return {kind: sorted_by[kind] for kind in kinds}


def report(results: Sequence[Result]) -> Group:
    """Return the whole report for a terminal."""
    kinds = by_kind(results)
    parts: list[RenderableType] = [_table(kinds)]
    if any(result.reason for result in results):
        parts += [Text(), _reasons(results)]
    for result in islice(_different(kinds), DIFFERENCES):
        parts += [Text(), *_diff(result)]
    return Group(*parts)


def _table(kinds: ByKind) -> Table:
    table = Table("class", box=None)
    met = {result.outcome for results in kinds.values() for result in results}
    outcomes = [outcome for outcome in Outcome if outcome in met]
    for column in ("cases", *outcomes, "as wanted"):
        table.add_column(column, justify="right")
    for kind, results in kinds.items():
        table.add_row(
            *_cells(inert(kind, limit=60), results, outcomes, judged=kind not in _UNJUDGED)
        )
    name, judged = _total(kinds)
    if len(kinds) > 1 and judged:
        table.add_row(*_cells(name, judged, outcomes, judged=True), style="bold")
    return table


def _total(kinds: ByKind) -> tuple[str, list[Result]]:
    """Return the results that are judged, of all classes together, and their name."""
    left_out = [kind for kind in kinds if kind in _UNJUDGED]
    judged = [each for kind, results in kinds.items() if kind not in _UNJUDGED for each in results]
    return f"all but {' and '.join(left_out)}" if left_out else "all", judged


def _cells(
    name: str, results: Sequence[Result], outcomes: Sequence[Outcome], *, judged: bool
) -> Iterator[Text]:
    count = Counter(result.outcome for result in results)
    compared = [result for result in results if result.outcome is not Outcome.WRITTEN]
    share = sum(result.as_wanted for result in compared) / len(compared) if compared else 0
    yield Text(name)
    yield Text(str(len(results)))
    yield from (Text(str(count[outcome])) for outcome in outcomes)
    yield Text(f"{share:.2%}" if judged and compared else "-")


def _reasons(results: Sequence[Result]) -> Table:
    table = Table("refused because", box=None)
    table.add_column("cases", justify="right")
    table.add_column("example")
    refused: defaultdict[ReasonCode, list[Result]] = defaultdict(list)
    for result in results:
        if result.reason:
            refused[result.reason.code].append(result)
    most = sorted(refused, key=lambda code: -len(refused[code]))
    for code in most[:REASONS]:
        example = refused[code][0]
        shown = Text(inert(f"{example.id} {example.reason}", limit=200))
        table.add_row(code.value, str(len(refused[code])), shown)
    return table


def _different(kinds: ByKind) -> Iterator[Result]:
    """Return the different results, one of each class in turn, without people's edits."""
    each = [
        [result for result in results if result.outcome is Outcome.DIFFERENT]
        for kind, results in kinds.items()
        if kind != EDITED
    ]
    return (result for turn in zip_longest(*each) for result in turn if result)


def _diff(result: Result) -> Iterator[Text]:
    head = f"{result.id} {result.package} {result.source} → {result.target} ({result.kind})"
    yield Text(inert(head), style="bold")
    lines = result.diff.splitlines()
    for line in lines[:LINES]:
        yield Text(clean(line), style=_COLOURS.get(line[:1], ""))
    if len(lines) > LINES:
        yield Text(f"… {len(lines) - LINES} more lines", style="dim")
