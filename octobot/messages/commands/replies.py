"""The one reply in a thread, with an answer to each command that was written there.

The newest answers are on top, the earlier ones folded.  People's words pass the outlet.  Nobody is
mentioned: the author is subscribed already.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from octobot.messages.outlet import code, inert, joined
from octobot.model.config import Config
from octobot.model.orders import Level
from octobot.model.reasons import Reason


@dataclass(frozen=True, slots=True)
class Answered:
    """One command with its answer."""

    command: str
    """Without `/octobot`; text of a person."""
    done: bool
    said: str
    """Markdown, safe to post."""


@dataclass(frozen=True, slots=True)
class Answers:
    """The answers to all commands of one text, in their order."""

    answers: tuple[Answered, ...]
    to: str
    """The author's login."""
    text: tuple[str, int]
    """The text's kind and id."""


REPLY = "reply"
"""The hidden tag of a thread's reply."""
_EARLIER = 20
"""Texts whose answers are kept below the newest one's."""
_ROOM = 30_000
"""Characters for these."""


def reply(answers: Sequence[Answered], *, to: str) -> str:
    """Write the answer to all commands of one text, in their order."""
    return joined(*map(_one, answers), f"_To {code(to)}._")


def conversation(texts: Sequence[Answers]) -> str:
    """Write a thread's one reply; `texts` has the newest text first."""
    newest, *earlier = map(_section, texts)
    kept, room = [], _ROOM
    for section in earlier[:_EARLIER]:
        room -= len(section)
        if room < 0:
            break
        kept.append(section)
    if not earlier:
        return joined(newest)
    rest = "" if len(kept) == len(earlier) else "_Older answers are in this comment's history._"
    folded = "\n\n".join(filter(None, [*kept, rest]))
    summary = "<details>\n<summary>Earlier answers</summary>"
    return joined(newest, f"{summary}\n\n{folded}\n\n</details>")


def _section(text: Answers) -> str:
    return f"{reply(text.answers, to=text.to).rstrip()}\n\n{mark(text.text)}"


def mark(text: tuple[str, int]) -> str:
    """Return the hidden line that ends the answers to a text."""
    kind, number = text
    return f"<!-- octobot:to {kind} {number} -->"


def _one(answered: Answered) -> str:
    mark = "✅" if answered.done else "❌"
    said = answered.said.strip()
    gap = "\n\n" if "\n" in said else " "
    return f"{mark} {code(f'/octobot {answered.command}'.strip(), limit=100)}{gap}{said}"


def taken_back(what: str, login: str) -> str:
    """Say on a pull request that octobot closes it at somebody's request."""
    after = {
        "close": "This version is not proposed again unless somebody asks for it.",
        "recreate": "It is proposed again on the current default branch.",
        "reset": "It is proposed again, without the commits that octobot did not make.",
    }
    return joined(f"Closed at the request of {code(login)} (`/octobot {what}`). {after[what]}")


# refusals that any command may meet


def unknown(name: str, near: str) -> str:
    """Say that there is no such command, and which one may be meant."""
    hint = f"Did you mean `/octobot {near}`? " if near else ""
    return f"There is no command {code(name)}. {hint}`/octobot help` lists all commands."


def usage(text: str, problem: str = "") -> str:
    """Say how a command is written."""
    return f"{problem} Write `/octobot {text}`.".strip()


_UNCLEAR: Mapping[str, str] = {
    "glued": "write a space after octobot's name",
    "formatted": "write it as plain text, without links, tables and formatting",
    "html": "it is beside or after HTML; write it before that or in a comment of its own",
    "invisible": "it has invisible characters; type it again",
    "footnote": "it may be part of a footnote; write it in a comment of its own",
    "mathematics": "it may be part of a formula; write it in a comment of its own",
    "long": "the text is too long to be read for commands; write it in a comment of its own",
    "edited": "the text was edited, and anybody who can write can edit it; write a new comment",
    "old": "the text is older than three days; write a new comment",
}


def unclear(because: str) -> str:
    """Say why a line that begins with octobot's name is not obeyed."""
    return f"Nothing was done: {_UNCLEAR[because]}."


def too_many(most: int) -> str:
    """Refuse a comment with too many commands."""
    return f"Nothing was done: a comment may have at most {most} commands."


def too_often() -> str:
    """Refuse somebody who wrote very many commands."""
    return "Nothing was done: too many commands within an hour."


def not_allowed(level: Level, needed: Level | None) -> str:
    """Say what somebody lacks."""
    if needed is None:
        return "Nobody may use this command here (`.github/octobot.yaml`)."
    return f"This needs the role `{needed}` in this repository; yours is `{level}`."


def level_unknown() -> str:
    """Say that GitHub did not answer what somebody may do."""
    return (
        "GitHub could not confirm your permissions, so nothing was done. Please try again later in"
        " a new comment."
    )


def put_off(because: str) -> str:
    """Say that something outside did not answer."""
    return f"Nothing was done: {inert(because)}. Please try again later in a new comment."


def impossible(because: str) -> str:
    """Say why a command cannot be carried out; the reason may quote other people's text."""
    return inert(because)


def only_on_pulls() -> str:
    """Say that a command is about a pull request."""
    return "This command works on a pull request: comment it on one that octobot opened."


def not_own() -> str:
    """Say that octobot did not open a pull request."""
    return "Nothing was done: octobot did not open this pull request."


def is_over(state: str) -> str:
    """Say that a pull request is not open."""
    return f"This pull request is {state}."


def now_in_a_group(group: str) -> str:
    """Say that a pull request is about to be closed, since its package is in a group now."""
    return (
        f"This package moves in the group {code(group)} now. octobot closes this pull request and"
        " proposes the whole group in another one: comment there. If other people's commits are"
        " here, close it yourself."
    )


def no_group(group: str) -> str:
    """Say that a pull request is of a group that was removed."""
    return (
        f"The group {code(group)} was removed. octobot closes this pull request and proposes its"
        " packages one by one: comment there. If other people's commits are here, close it"
        " yourself."
    )


def which_package() -> str:
    """Ask for a package's name."""
    return "This thread is not about a package: write the package's name after the command."


def no_package(name: str) -> str:
    """Say that a package is not known."""
    return f"There is no package {code(name)} here."


def moved(head: str) -> str:
    """Say that a branch moved after a comment, which may have been about another commit."""
    return (
        f"Nothing was done: the branch moved after your comment, to {code(head)}. Check it, then"
        " comment again."
    )


def other_head(head: str) -> str:
    """Say that the commit that was named is not the head."""
    return f"Nothing was done: the head is {code(head)}, not the commit you named."


def has_other_commits() -> str:
    """Say that a branch has other people's commits."""
    return (
        "Nothing was done: this branch has commits that octobot did not make."
        " `/octobot reset COMMIT` discards them."
    )


def stops(line: str | None, config: Config | Reason) -> tuple[str, ...]:
    """Say what stops octobot in the whole repository."""
    found = []
    if line:
        found.append(f"**Merging is halted**: {inert(line)}")
    if isinstance(config, Reason):
        found.append(f"**`.github/octobot.yaml` cannot be read**: {inert(str(config))}")
    elif config.paused:
        found.append("**`.github/octobot.yaml` pauses octobot.**")
    return tuple(found)
