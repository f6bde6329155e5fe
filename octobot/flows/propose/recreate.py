"""Make a pull request of ours anew on the newest base, in its place: same number, another commit.

The wish is written into the ledger, so that a death loses nothing: the lane then proposes again
instead of judging, and `draft` moves the branch, by compare and swap, from the head that is to be
replaced to a commit that was made aside.  As soon as GitHub shows another head, the wish is spent.
"""

from octobot.flows.context import RepoContext
from octobot.flows.propose.close import take_back
from octobot.model.pull_request import PullRequest


async def renew(ctx: RepoContext, pull: PullRequest, words: str) -> None:
    """Have this head replaced; where the pull request cannot stay, take it back and say `words`.

    It cannot when the ledger does not know it, or somebody else opened it: it would never be
    merged.  The caller knows that nobody's work is lost with the head.
    """
    known = pull.author == ctx.bot and await ctx.store.ledger.renew(
        ctx.watched.id, pull.branch, number=pull.number, head=pull.head
    )
    if not known:
        await take_back(ctx, pull, words, state="withdrawn")
