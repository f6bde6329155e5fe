"""`help`: every command, and whether the author may use it."""

from collections.abc import Sequence

from octobot.commands.calls import Answer, Call, Command, done
from octobot.flows.settings import needed
from octobot.messages.commands.tables import Line, overview
from octobot.model.config import Config
from octobot.model.orders import COMMANDS


def help_of(others: Sequence[Command]) -> Command:
    """Make the command that shows these and itself."""

    async def act(call: Call) -> Answer:
        config = call.config if isinstance(call.config, Config) else Config()
        lines = [
            Line(each.usage, each.summary, needed(config, each.name)) for each in (own, *others)
        ]
        return done(overview(lines, call.level))

    own = Command("help", "help", "Show the commands.", act, about="repository", rest="nothing")
    return own


def table(commands: Sequence[Command]) -> list[Line]:
    """Return the lines of the manual's table: with the default roles."""
    return [Line(each.usage, each.summary, COMMANDS[each.name]) for each in commands]
