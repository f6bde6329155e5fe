"""`explain`: the verdict in full, or why a package is where it is."""

from octobot.commands.calls import Answer, Call, Command, done, named, our_pull, refused
from octobot.flows.explaining import explained, verdict_of
from octobot.messages import command as words
from octobot.messages.check import summary
from octobot.messages.outlet import fenced
from octobot.model.config import LANE


async def act(call: Call) -> Answer:
    """Judge the pull request now and show every rule; elsewhere tell what is known."""
    pull = call.pull
    if pull and call.package and pull.state == "open" and not call.package.startswith(LANE):
        ours = await our_pull(call)
        if isinstance(ours, Answer):
            return ours
        verdict = await verdict_of(call.world, call.package, pull)
        if verdict:
            return done(summary(verdict), call.package, pull.head)
    found = await named(call)
    if isinstance(found, Answer):
        return found
    if found.words:
        return refused(words.usage(EXPLAIN.usage), found.name)
    return done(fenced("\n".join(await explained(call.world, found.row)), "text"), found.name)


EXPLAIN = Command(
    "explain", "explain [NAME]", "Show the verdict with every rule, or why a package stays.", act
)
