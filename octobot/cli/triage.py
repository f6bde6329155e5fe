"""`octobot triage`: why a build failed, from its log alone; and how well the rules do."""

import difflib
import json
import sys
from collections.abc import Iterator
from dataclasses import asdict
from pathlib import Path
from typing import assert_never

import click
from rich.console import Console, Group
from rich.table import Table
from rich.text import Text

from octobot.cli.log_files import read_cases, read_log
from octobot.cli.specs_on_disk import LARGEST, read_specs
from octobot.messages.cleaning import clean, cut
from octobot.messages.failure import MEANING
from octobot.messages.terminal import inert
from octobot.model.bump import Bumped
from octobot.model.errors import UserError
from octobot.model.pull_request import CheckRun, FailedCheck
from octobot.model.reasons import Reason
from octobot.model.triage import (
    AddBuildPackage,
    CauseClass,
    Diagnosis,
    DropCherryPick,
    DropDependency,
    DropPatch,
    Fix,
    RaiseDependency,
    SetField,
)
from octobot.specs.fix.fix import fix
from octobot.specs.read.names import package_names
from octobot.triage.evaluate import CLASSES, LINES, Evaluation, cost, evaluate
from octobot.triage.log.budget import TOKENS
from octobot.triage.log.triage import LogTriage

_WIDTH = 320
"""Characters of a line that are printed."""
_COLOURS = {"+": "green", "-": "red", "@": "cyan"}


@click.command("triage")
@click.argument("source", metavar="[LOG]", required=False)
@click.option(
    "--spec",
    type=click.Path(exists=True, dir_okay=False, path_type=Path),
    help="Show the edit of this spec; the specs beside it list the packages that exist.",
)
@click.option("--json", "as_json", is_flag=True, help="Print JSON.")
@click.option(
    "--evaluate",
    "folder",
    type=click.Path(exists=True, file_okay=False, path_type=Path),
    metavar="DIR",
    help="Score the rules on the logs of a folder, whose causes are in its causes.json.",
)
def command(source: str | None, spec: Path | None, folder: Path | None, *, as_json: bool) -> None:
    """Show why a build failed, from its log.

    Works offline.  LOG is a file, gzipped or not, the ZIP archive of a run, or - for standard
    input.  Exit status 1 when no cause is found, or with --evaluate when a target is missed.
    """
    if (source is None) == (folder is None):
        raise click.UsageError("name a log, or use --evaluate with a folder of logs")
    fine = score(folder) if folder else explain(source or "-", spec, as_json=as_json)
    sys.exit(0 if fine else 1)


def explain(source: str, spec: Path | None, *, as_json: bool) -> bool:
    """Print why a log's build failed; False when no cause is found."""
    check = CheckRun(0, Path(source).name, 0, "completed", "failure")
    known = package_names(read_specs(spec.parent)) if spec else None
    found = LogTriage().diagnose(FailedCheck(check, read_log(source)), known)
    diff = _diff_of(found, spec) if spec else None
    if as_json:
        click.echo(json.dumps(_as_dict(found, diff), indent=2))
    else:
        Console(soft_wrap=True, highlight=False).print(_report(found, diff))
    return bool(found.cause)


def score(folder: Path) -> bool:
    """Print how the rules do on labelled logs; False when an aim is missed."""
    cases = read_cases(folder)
    if not cases:
        raise UserError(f"{folder} has no labelled logs")
    found = evaluate(cases)
    Console(highlight=False).print(_scores(found))
    return found.good


def _diff_of(found: Diagnosis, spec: Path) -> str | Reason | None:
    """Return the diff of a spec with the proposed fixes; None when nothing is proposed."""
    if not found.why.fixes:
        return None
    with spec.open("rb") as stream:
        text = stream.read(LARGEST + 1).decode("utf-8", "surrogateescape")
    made = fix(spec.name, text, found.why.fixes)
    return _diff(spec.name, text, made) if isinstance(made, Bumped) else made


def _diff(name: str, before: str, made: Bumped) -> str:
    lines = difflib.unified_diff(
        before.splitlines(keepends=True),
        made.text.splitlines(keepends=True),
        f"a/{name}",
        f"b/{name}",
        n=2,
    )
    return "".join(lines)


def _report(found: Diagnosis, diff: str | Reason | None) -> Group:
    why = found.why
    parts = [Text(f"step        {inert(found.step)}")] if found.step else []
    parts.append(Text(f"cause       {why.kind.value}: {_title(found)}", style="bold"))
    if why.explanation:
        parts.append(Text(f"            {inert(why.explanation)}"))
    parts.append(Text())
    last = 0
    for line in found.lines:
        if last and line.number != last + 1:
            parts.append(Text("       ⋮", style="dim"))
        mark = "→" if why.line and line.number == why.line.number else " "
        words = f"{line.number:>8} {mark} {_line(line.text)}"
        parts.append(Text(words, style="bold red" if mark == "→" else ""))
        last = line.number
    parts += [Text(), *_suggested(found, diff), Text(f"tokens      {cost(found)}", style="dim")]
    return Group(*parts)


def _line(text: str) -> str:
    """Return a line with its indentation, without control characters."""
    return cut(clean(text).replace("\n", " "), _WIDTH)


def _title(found: Diagnosis) -> str:
    return inert(found.why.title) or MEANING[found.why.kind]


def _suggested(found: Diagnosis, diff: str | Reason | None) -> list[Text]:
    if isinstance(diff, str):
        return [Text(_line(each), _COLOURS.get(each[:1], "")) for each in diff.splitlines()]
    lines = [Text(f"suggestion  {inert(_words(each))}") for each in found.why.fixes]
    if isinstance(diff, Reason):
        lines.append(Text(f"            not made: {inert(diff.detail)}"))
    return lines


def _as_dict(found: Diagnosis, diff: str | Reason | None) -> dict[str, object]:
    why = found.why
    return {
        "step": found.step,
        "class": why.kind.value,
        "title": why.title,
        "explanation": why.explanation,
        "confidence": why.confidence,
        "line": why.line.number if why.line else None,
        "lines": [{"number": line.number, "text": line.text} for line in found.lines],
        "fixes": [{"kind": type(each).__name__, **asdict(each)} for each in why.fixes],
        "diff": diff if isinstance(diff, str) else None,
        "refused": diff.detail if isinstance(diff, Reason) else None,
        "tokens": cost(found),
        "fingerprint": found.fingerprint,
    }


def _words(one: Fix) -> str:
    match one:
        case AddBuildPackage(name=name):
            return f"add {name} to environment.contents.packages"
        case DropPatch(file=file):
            return f"drop the patch {file}"
        case DropCherryPick(commit=commit):
            return f"drop the cherry-pick of {commit}"
        case DropDependency(module=module):
            return f"drop the pin of {module}"
        case RaiseDependency(module=module, version=version):
            return f"raise the pin of {module} to {version}"
        case SetField(field=field, text=text):
            return f"remove {field}" if text is None else f"set {field} to {text}"
        case _:
            assert_never(one)


def _scores(found: Evaluation) -> Group:
    aims = (
        f"tokens: {found.median_tokens} in the median, {found.most_tokens} at most; "
        f"aims: lines {LINES:.0%}, classes {CLASSES:.0%}, {TOKENS} tokens"
    )
    return Group(_score_table(found), Text(), *_mistakes(found), Text(aims))


def _score_table(found: Evaluation) -> Table:
    table = Table(box=None)
    table.add_column("class")
    for column in ("logs", "line kept", "class right", "tokens"):
        table.add_column(column, justify="right")
    for kind in CauseClass:
        part = Evaluation(tuple(one for one in found.scores if one.case.kind is kind))
        if part.scores:
            table.add_row(kind.value, *_cells(part))
    for made in sorted({one.case.made for one in found.scores if one.case.made}):
        table.add_row(f"all of {made}", *_cells(found.of(made)), style="dim")
    table.add_row("all", *_cells(found), style="bold")
    return table


def _mistakes(found: Evaluation) -> Iterator[Text]:
    for one in found.scores:
        if not one.right:
            yield Text(f"{one.case.name}: {one.found.value} instead of {one.case.kind.value}")
    for one in found.scores:
        if not one.kept:
            yield Text(f"{one.case.name}: line not kept")


def _cells(part: Evaluation) -> tuple[str, ...]:
    return (
        str(len(part.scores)),
        f"{part.lines:.0%}",
        f"{part.classes:.0%}",
        str(part.most_tokens),
    )
