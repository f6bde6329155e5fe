"""`octobot policy simulate`: judge a saved pull request, without account or network."""

import json
import sys

import click

from octobot.cli.config.file import print_faults, read
from octobot.messages.terminal import inert
from octobot.messages.why import verdict_lines
from octobot.model.errors import UserError
from octobot.model.json_codec import to_json
from octobot.model.verdict import Outcome, Snapshot
from octobot.policy.config.join import join, read_file
from octobot.policy.config.scalars import Faults
from octobot.policy.judge import judge_change
from octobot.policy.simulate.example import EXAMPLE
from octobot.policy.simulate.simulate import Saved, load, save, under


@click.command("simulate")
@click.argument("source", metavar="[PR.json]", required=False)
@click.option("--config", "config_file", metavar="FILE", help="Judge under this octobot.yaml.")
@click.option("--example", is_flag=True, help="Print an example PR.json to edit.")
@click.option("--json", "as_json", is_flag=True, help="Print JSON instead of lines.")
def command(source: str | None, *, config_file: str | None, example: bool, as_json: bool) -> None:
    """Judge a saved pull request: merge, wait or block, and why.

    Works offline.  PR.json (`-` for standard input) has everything that a verdict depends on; every
    field is required.  Exit status 0 for merge, 1 for wait or block, 2 when a file cannot be read.
    """
    if example:
        click.echo(save([EXAMPLE]), nl=False)
        return
    if source is None:
        raise click.UsageError("name a PR.json, or use --example to see one")
    sys.exit(simulate(source, config=config_file, as_json=as_json))


def simulate(source: str, *, config: str | None, as_json: bool) -> int:
    """Print the verdict on a saved pull request, or all errors in its file; return the status.

    0: merge; 1: wait or block; 2: a file cannot be read.
    """
    file = read(source)
    if file is None or file.text is None:
        raise UserError(f"{inert(source)} is not a text file in UTF-8")
    saved = load(file.text)
    if not isinstance(saved, Saved):
        name = "standard input" if source == "-" else source
        click.echo("\n".join(inert(f"{name}: {fault}", limit=1000) for fault in saved), err=True)
        return 2
    snapshots = _with_config(saved.snapshots, config) if config else saved.snapshots
    if not snapshots:
        return 2
    verdict = judge_change(snapshots)
    shown = json.dumps(to_json(verdict), indent=2) if as_json else "\n".join(verdict_lines(verdict))
    click.echo(shown)
    return 0 if verdict.outcome is Outcome.MERGE else 1


def _with_config(snapshots: tuple[Snapshot, ...], source: str) -> tuple[Snapshot, ...]:
    """Apply another file's settings; return none, and print its errors, when it has any."""
    file = read(source)
    if file is not None and print_faults(file):
        return ()
    values = read_file(file) if file else {}
    config = join([] if isinstance(values, Faults) else [values])
    return tuple(under(snapshot, config) for snapshot in snapshots)
