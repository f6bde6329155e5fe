"""`explain`: the verdict in full, or why a package is where it is."""

from octobot.commands.calls import Answer, Call, Command, done, named, our_pull
from octobot.flows.report.explain import explained, verdict_of
from octobot.messages.check import summary
from octobot.messages.commands.tables import group_reasons
from octobot.messages.outlet import fenced
from octobot.model.ids import display_name


async def act(call: Call) -> Answer:
    """Judge the pull request now and show every rule; on issues, show what is known."""
    pull = await our_pull(call)
    if not isinstance(pull, Answer) and call.names in ((), (call.package,)):
        verdict = await verdict_of(call.ctx, call.package, pull)
        if verdict:
            return done(summary(verdict), call.package, pull.head)
    found = await named(call)
    if isinstance(found, Answer):
        return found
    if found.is_group:
        each = [(row.key.package, row.reason) for row in found.rows]
        return done(group_reasons(display_name(found.name), each), found.name)
    lines = await explained(call.ctx, found.rows[0])
    return done(fenced("\n".join(lines), "text"), found.name)


EXPLAIN = Command(
    "explain",
    "explain [NAME]",
    "Show the verdict with every rule, or why a package stays.",
    act,
    about="package",
    rest="nothing",
)
