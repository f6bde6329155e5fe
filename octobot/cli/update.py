"""`octobot update`: the bumps of specs on a disk; real upstreams, no App."""

import asyncio
import difflib
import sys
from collections.abc import Sequence
from pathlib import Path

import click

from octobot.app.environment import settings_with_logs
from octobot.app.upstreams import open_upstreams
from octobot.cli.check import UNKNOWN, tags_for_releases
from octobot.cli.specs_on_disk import NAMES, SPECS, folder_of, read_specs, replace_text
from octobot.flows.watch.survey import Finding, bumped, survey
from octobot.messages.terminal import inert
from octobot.model.bump import Bumped
from octobot.settings import Settings

REFUSED = 1
"""The exit status when an outdated spec could not be bumped."""


@click.command("update")
@SPECS
@NAMES
@click.option("--write", is_flag=True, help="Edit the specs in place, each atomically.")
def command(source: Path, names: tuple[str, ...], *, write: bool) -> None:
    """Print the diff that brings specs to their newest versions.

    Exit status 1 when a bump was refused, 3 when none was but of some spec nobody knows whether it
    is outdated; each is named with its reason on standard error.
    """
    settings = settings_with_logs(quiet=True)
    sys.exit(asyncio.run(update(settings, source, names, write=write)))


async def update(settings: Settings, source: Path, names: Sequence[str], *, write: bool) -> int:
    """Print the diff of every bump, and write it with `write`; return the exit status."""
    specs = read_specs(source, names)
    refused = unknown = False
    async with open_upstreams(settings) as upstreams:
        findings = await survey(specs, upstreams)
        for finding in findings:
            made = await bumped(finding, upstreams) if finding.outdated else finding.found.reason
            if isinstance(made, Bumped):
                click.echo(_diff(finding, made), nl=False)
                if write:
                    replace_text(folder_of(source) / finding.path, made.text)
            elif finding.outdated or finding.unknown:
                refused, unknown = refused or finding.outdated, unknown or finding.unknown
                click.echo(inert(f"{finding.name}: {made}"), err=True)
    if note := tags_for_releases(findings):
        click.echo(note, err=True)
    return REFUSED if refused else UNKNOWN if unknown else 0


def _diff(finding: Finding, made: Bumped) -> str:
    lines = difflib.unified_diff(
        finding.text.splitlines(keepends=True),
        made.text.splitlines(keepends=True),
        f"a/{finding.path}",
        f"b/{finding.path}",
    )
    return "".join(line.rstrip("\r\n") + "\n" for line in lines)
