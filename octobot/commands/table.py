"""Every slash command, in the order in which they are shown."""

from collections.abc import Mapping
from difflib import get_close_matches

from octobot.commands.accept_tag_move import ACCEPT_TAG_MOVE
from octobot.commands.apply import APPLY
from octobot.commands.bump import BUMP
from octobot.commands.calls import Command
from octobot.commands.close import CLOSE
from octobot.commands.explain import EXPLAIN
from octobot.commands.grammar import Spoken
from octobot.commands.help import help_of
from octobot.commands.hold import HOLD
from octobot.commands.ignore import IGNORE
from octobot.commands.merge import MERGE
from octobot.commands.pause import PAUSE
from octobot.commands.rebuild import REBUILD
from octobot.commands.recheck import RECHECK
from octobot.commands.recreate import RECREATE
from octobot.commands.reset import RESET
from octobot.commands.resume import RESUME
from octobot.commands.retry import RETRY
from octobot.commands.status import STATUS
from octobot.commands.unhold import UNHOLD
from octobot.commands.unignore import UNIGNORE
from octobot.commands.wave import WAVE
from octobot.messages.commands import replies as words
from octobot.model.orders import FORMER_COMMANDS

_OTHERS = (
    STATUS,
    EXPLAIN,
    BUMP,
    RECREATE,
    RECHECK,
    RETRY,
    MERGE,
    HOLD,
    UNHOLD,
    IGNORE,
    UNIGNORE,
    CLOSE,
    REBUILD,
    WAVE,
    APPLY,
    RESET,
    ACCEPT_TAG_MOVE,
    PAUSE,
    RESUME,
)

TABLE: Mapping[str, Command] = {each.name: each for each in (help_of(_OTHERS), *_OTHERS)}


def nearest(name: str) -> str:
    """Return the command that a misspelt name may mean; empty when none is similar."""
    near = get_close_matches(name.lower(), [*TABLE, *FORMER_COMMANDS], n=1, cutoff=0.6)
    return FORMER_COMMANDS.get(near[0], near[0]) if near else ""


def not_read(each: Spoken, *, known: bool) -> str:
    """Say why a command is refused whoever wrote it; `known`: whether it is known what they may."""
    if not known:
        return words.level_unknown()
    return (
        words.unclear(each.unclear)
        if each.unclear
        else words.unknown(each.name, nearest(each.name))
    )
