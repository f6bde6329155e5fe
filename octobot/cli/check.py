"""`octobot check` and `octobot update`: specs on a disk, real upstreams, no App."""

import difflib
import json
from collections.abc import Sequence
from pathlib import Path

import click
from rich.console import Console
from rich.table import Table
from rich.text import Text

from octobot.app.upstreams import open_upstreams
from octobot.cli.specs_on_disk import folder_of, read_specs, replace_text
from octobot.flows.watch.survey import Finding, bumped, survey
from octobot.messages.terminal import inert
from octobot.model.bump import Bumped
from octobot.model.reasons import ReasonCode
from octobot.settings import Settings

CURRENT, OUTDATED, UNKNOWN = 0, 1, 3
"""Exit statuses of `check`; 2 is a wrong call or setup."""

UNTOLD = frozenset(
    {
        ReasonCode.BAD_SPEC,
        ReasonCode.BAD_UPDATE_BLOCK,
        ReasonCode.BAD_PATTERN,
        ReasonCode.UNKNOWN_TEMPLATE,
        ReasonCode.UNSUPPORTED_SOURCE,
        ReasonCode.UPSTREAM_MISSING,
        ReasonCode.UPSTREAM_UNREACHABLE,
        ReasonCode.TAG_MOVED,
        ReasonCode.OUR_BUG,
    }
)
"""Reasons with which nobody knows whether the spec is outdated."""


async def check(settings: Settings, source: Path, names: Sequence[str], *, as_json: bool) -> int:
    """Print what is outdated; give the exit status."""
    specs = read_specs(source, names)
    async with open_upstreams(settings) as upstreams:
        findings = await survey(specs, upstreams)
    if as_json:
        click.echo(json.dumps([_as_dict(finding) for finding in findings], indent=2))
    else:
        Console().print(_table(findings))
    if any(finding.outdated for finding in findings):
        return OUTDATED
    return UNKNOWN if any(_is_unknown(finding) for finding in findings) else CURRENT


async def update(settings: Settings, source: Path, names: Sequence[str], *, write: bool) -> bool:
    """Print the diff of every bump, and write it with `write`; True when one was refused."""
    specs = read_specs(source, names)
    refused = False
    async with open_upstreams(settings) as upstreams:
        for finding in await survey(specs, upstreams):
            made = await bumped(finding, upstreams) if finding.outdated else finding.look.reason
            if isinstance(made, Bumped):
                click.echo(_diff(finding, made), nl=False)
                if write:
                    replace_text(folder_of(source) / finding.path, made.text)
            elif finding.outdated or _is_unknown(finding):
                refused = True
                click.echo(inert(f"{finding.name}: {made}"), err=True)
    return refused


def _is_unknown(finding: Finding) -> bool:
    """Tell whether it could not be told if the spec is outdated: that is never fine."""
    return finding.look.reason.code in UNTOLD


def _diff(finding: Finding, made: Bumped) -> str:
    lines = difflib.unified_diff(
        finding.text.splitlines(keepends=True),
        made.text.splitlines(keepends=True),
        f"a/{finding.path}",
        f"b/{finding.path}",
    )
    return "".join(line.rstrip("\r\n") + "\n" for line in lines)


def _as_dict(finding: Finding) -> dict[str, str | bool | None]:
    package, target, who = finding.package, finding.look.target, finding.upstream
    return {
        "package": finding.name,
        "current": package.version if package else None,
        "newest": target.version if target else None,
        "outdated": finding.outdated,
        "datasource": who.datasource if who else None,
        "identifier": who.identifier if who else None,
        "reason": finding.look.reason.code.value,
        "detail": str(finding.look.reason),
    }


def _table(findings: Sequence[Finding]) -> Table:
    table = Table(box=None)
    for title in ("package", "current", "newest", "datasource", "reason"):
        table.add_column(title, overflow="fold")  # half a name cannot be copied
    for finding in findings:
        row = _as_dict(finding)
        style = "bold" if finding.outdated else None
        source = " ".join(str(row[part]) for part in ("datasource", "identifier") if row[part])
        cells = (row["package"], row["current"], row["newest"], source, row["detail"])
        table.add_row(*(Text(inert(str(cell or ""))) for cell in cells), style=style)
    return table
