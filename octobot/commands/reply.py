"""The one reply of a thread: written from the audit log, so that any process can write it again."""

from collections.abc import Sequence

from octobot.flows.context import RepoContext
from octobot.flows.say import say
from octobot.messages.commands import replies as words
from octobot.messages.commands.replies import REPLY, Answered, Answers
from octobot.model.ids import PullNumber
from octobot.model.orders import Act

_SHOWN = 100
"""Acts of a thread, at most, from which its reply is written."""


async def reply(ctx: RepoContext, thread: PullNumber) -> None:
    """Write a thread's reply, until nobody has added to the log meanwhile.

    Two processes may write it at once: whoever was late with older words writes it again.
    """
    shown: Sequence[Act] = ()
    while acts := await ctx.store.audit.answers(ctx.watched.id, thread, limit=_SHOWN):
        if acts == shown:
            return
        await say(ctx, thread, tag=REPLY, body=words.conversation(_by_text(acts)))
        shown = acts


def _by_text(acts: Sequence[Act]) -> Sequence[Answers]:
    """Return the answers to each text, the newest text first."""
    found: dict[object, list[Act]] = {}
    for act in acts:
        found.setdefault(act.text, []).append(act)
    newest = sorted(found.values(), key=lambda those: acts.index(those[-1]), reverse=True)
    return [
        Answers(
            tuple(Answered(_written(one), one.outcome == "done", one.answer) for one in those),
            those[0].person.login,
            those[0].text,
        )
        for those in newest
    ]


def _written(act: Act) -> str:
    return f"{act.command} {act.words}".strip()
