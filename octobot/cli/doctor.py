"""`octobot doctor`: the App's setup as GitHub has it."""

import asyncio
import sys
from collections.abc import Iterator

import click
from rich.console import Console
from rich.table import Table
from rich.text import Text

from octobot.app.environment import settings_with_logs
from octobot.app.signing import signer_of
from octobot.github.app.app import App
from octobot.github.doctor.doctor import diagnose_setup
from octobot.github.doctor.repositories import RepositorySetup
from octobot.github.transport.request import open_http
from octobot.messages.terminal import inert
from octobot.policy.workable import Rules, faults
from octobot.settings import Settings

STYLES = {"fine": "green", "warning": "yellow", "problem": "bold red"}


@click.command("doctor")
def command() -> None:
    """Check the App's setup on GitHub.

    Checks identity, permissions, events, hook and installations, and the settings of each
    repository.  Exit status 1 when something is wrong.
    """
    sys.exit(0 if asyncio.run(doctor(settings_with_logs(quiet=True))) else 1)


async def doctor(settings: Settings) -> bool:
    """Print the findings; False when something must be fixed."""
    identity = settings.require_app()
    async with open_http() as session:
        signer = signer_of(identity, session)
        app = App(session, base_url=settings.github_url, issuer=str(identity.id), signer=signer)
        findings = await diagnose_setup(app, faults_of=faults_of)
    table = Table("about", "", "found", box=None)
    for each in findings:
        level = Text(each.level, style=STYLES[each.level])
        table.add_row(Text(inert(each.about)), level, Text(inert(each.detail)))
    console = Console()
    console.print(table)
    console.print(
        "\nBefore the first merge: `octobot conformance OWNER/SCRATCH` plays every call of octobot"
        " on an empty repository.",
        style="dim",
    )
    return all(each.level != "problem" for each in findings)


def faults_of(setup: RepositorySetup) -> Iterator[str]:
    """Name what is wrong with a repository's settings, and what of them can never work there."""
    queue = setup.queue
    return faults(setup.files, Rules(setup.methods, queue.enabled, queue.hidden))
