"""`octobot doctor`: the App's setup as GitHub has it."""

from rich.console import Console
from rich.table import Table
from rich.text import Text

from octobot.app.signing import signer_of
from octobot.github.app.app import App
from octobot.github.doctor import diagnose_setup
from octobot.github.transport.session import open_session
from octobot.messages.terminal import inert
from octobot.settings import Settings

STYLES = {"fine": "green", "warning": "yellow", "problem": "bold red"}


async def doctor(settings: Settings) -> bool:
    """Print what was found; False when something must be mended."""
    identity = settings.require_app()
    async with open_session() as session:
        signer = signer_of(identity, session)
        app = App(session, base_url=settings.github_url, issuer=str(identity.id), signer=signer)
        findings = await diagnose_setup(app)
    table = Table("about", "", "found", box=None)
    for each in findings:
        level = Text(each.level, style=STYLES[each.level])
        table.add_row(Text(inert(each.about)), level, Text(inert(each.detail)))
    Console().print(table)
    return all(each.level != "problem" for each in findings)
