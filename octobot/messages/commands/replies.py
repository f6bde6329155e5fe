"""The one answer to a comment with commands, and how each command is answered in it.

What people wrote passes the outlet; nobody is mentioned, since who asked is subscribed already.
"""

from collections.abc import Sequence
from dataclasses import dataclass

from octobot.messages.outlet import code, inert, joined
from octobot.model.config import Config
from octobot.model.orders import Level
from octobot.model.reasons import Reason


@dataclass(frozen=True, slots=True)
class Answered:
    """One command with its answer."""

    command: str
    """As it was written, without `/octobot`; foreign text."""
    done: bool
    said: str
    """Markdown of our making."""


def reply(answers: Sequence[Answered], *, to: str) -> str:
    """Write the answer to all commands of one comment, in their order."""
    return joined(*map(_one, answers), f"_To {code(to)}._")


def _one(answered: Answered) -> str:
    mark = "✅" if answered.done else "❌"
    said = answered.said.strip()
    gap = "\n\n" if "\n" in said else " "
    return f"{mark} {code(f'/octobot {answered.command}'.strip(), limit=100)}{gap}{said}"


def taken_back(what: str, login: str) -> str:
    """Say on a pull request that octobot closes it because somebody said so."""
    after = {
        "close": "This version is not proposed again, unless somebody asks for it.",
        "rebase": "It is proposed anew on the present default branch.",
        "adopt": "It is proposed anew, without the commits that octobot did not make.",
    }
    return joined(f"{code(login)} said `/octobot {what}`: octobot closes this. {after[what]}")


# refusals that any command may meet


def unknown(name: str, near: str) -> str:
    """Say that there is no such command, and which one may be meant."""
    hint = f"Did you mean `/octobot {near}`? " if near else ""
    return f"There is no command {code(name)}. {hint}`/octobot help` shows all."


def usage(text: str, problem: str = "") -> str:
    """Say how a command is written."""
    return f"{problem} Write `/octobot {text}`.".strip()


def too_many(most: int) -> str:
    """Refuse a comment with too many commands."""
    return f"A comment may have {most} commands at most; none of these was carried out."


def too_often() -> str:
    """Refuse somebody who gave very many commands."""
    return "Too many commands in an hour; this one was not carried out."


def not_allowed(level: Level, needed: Level | None) -> str:
    """Say what somebody lacks."""
    if needed is None:
        return "The repository's file lets nobody give this command."
    return f"This needs `{needed}` in this repository; GitHub says that you have `{level}`."


def level_unknown() -> str:
    """Say that GitHub did not tell what somebody may do."""
    return (
        "GitHub did not tell what you may do here, so nothing was done. Say it again in a while,"
        " in a new comment."
    )


def put_off(because: str) -> str:
    """Say that something outside did not answer."""
    return f"Nothing was done: {inert(because)}. Say it again in a while, in a new comment."


def impossible(because: str) -> str:
    """Say why a command cannot be carried out; the reason may quote foreign text."""
    return inert(because)


def only_on_pulls() -> str:
    """Say that a command is about a pull request."""
    return "This is about a pull request; say it on one of octobot's."


def not_ours() -> str:
    """Say that a pull request is none of octobot's."""
    return "octobot did not open this pull request, so there is nothing to do."


def is_over(state: str) -> str:
    """Say that a pull request is not open."""
    return f"This pull request is {state}."


def now_in_a_group(group: str) -> str:
    """Say that a pull request of one package is about to go, since it moves with others now."""
    return (
        f"The repository's file lets this package move together with others, in the group"
        f" {code(group)}. octobot closes this pull request by itself and proposes all of them in"
        " another one: say it there. Where somebody else's commits are here, a person closes this."
    )


def no_group(group: str) -> str:
    """Say that a pull request is of a group that is not there any more."""
    return (
        f"The repository's file has no group {code(group)} any more. octobot closes this pull"
        " request by itself and proposes its packages one by one: say it there. Where somebody"
        " else's commits are here, a person closes this."
    )


def which_package() -> str:
    """Ask for a package's name."""
    return "This is about no package; name one that octobot knows."


def no_package(name: str) -> str:
    """Say that a package is not known."""
    return f"octobot knows no package {code(name)} here."


def moved(head: str) -> str:
    """Say that a branch moved after a comment, so that it may speak of something else."""
    return (
        f"The branch moved after your comment; its head is {code(head)} now. Look at it, and say"
        " it again in a new comment."
    )


def other_head(head: str) -> str:
    """Say that the commit that was named is not the head."""
    return f"The head is {code(head)}, another commit than the one you named."


def foreign_head() -> str:
    """Say that a branch has somebody else's commits."""
    return (
        "This branch has commits that octobot did not make. `/octobot adopt COMMIT` throws them"
        " away and lets octobot go on."
    )


def stops(line: str | None, config: Config | Reason) -> tuple[str, ...]:
    """Say what stops octobot in the whole repository."""
    found = []
    if line:
        found.append(f"**Merges are stopped**: {inert(line)}")
    if isinstance(config, Reason):
        found.append(f"**The settings cannot be read**: {inert(str(config))}")
    elif config.paused:
        found.append("**The repository's file pauses octobot.**")
    return tuple(found)
