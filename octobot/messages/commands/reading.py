"""What octobot answers when the words after a command are not those it takes.

The first line says what happened, the second what to write instead.
"""

from collections.abc import Mapping, Sequence

from octobot.messages.outlet import code

_TAKES: Mapping[str, str] = {
    "nothing": "no words",
    "commit": "a commit of 7 to 40 hexadecimal digits",
    "version": "one word",
    "reason": "a reason",
}


def not_taken(name: str, usage: str, about: str, rest: str) -> str:
    """Say which words a command takes, and how it is written."""
    before = "a package's name and " if about == "package" and rest != "nothing" else ""
    only = "only a package's name" if about == "package" and rest == "nothing" else ""
    taken = only or f"{before}{_TAKES[rest]}"
    more = "" if only or rest == "nothing" else " and nothing else"
    return f"Nothing was done: `{name}` takes {taken}{more}.\nWrite `/octobot {usage}`."


def other_thread(name: str, own: str, other: str) -> str:
    """Say that a command is about the thread's pull request, and another package was named."""
    return (
        f"Nothing was done: this pull request is about {code(own)}, not {code(other)}.\n"
        f"Comment `/octobot {name}` on the other pull request."
    )


def one_more(name: str, first: str, second: str, reason: str) -> str:
    """Say that two packages are named where one is needed; `reason`: what may be a reason."""
    also = f"; if it begins the reason, {_written(name, first, reason)}" if reason else ""
    return (
        f"Nothing was done: both {code(first)} and {code(second)} are named.\n"
        f"Write one command per package, each on its own line{also}."
    )


def either(name: str, named: str, rest: Sequence[str], own: str, spoken: Sequence[str]) -> str:
    """Say that a word may be a package's name or begin a reason, with the spelling of each."""
    return (
        f"Nothing was done: {code(named)} may be the package, or the first word of the reason for"
        f" {code(own)}.\nWrite {_written(name, named, ' '.join(rest))} or"
        f" {_written(name, own, ' '.join(spoken))}."
    )


def several_spellings(names: Sequence[str]) -> str:
    """Say that several names differ only in upper and lower case."""
    return f"{' and '.join(names)} are different packages here: write the exact name."


def not_the_threads(text: str, own: str) -> str:
    """Add to an answer that it is about another package than the thread."""
    gap = "\n\n" if "\n" in text else " "
    return f"{text}{gap}Note that this thread is about {code(own)}."


def _written(name: str, package: str, reason: str) -> str:
    return code(f"/octobot {name} {package}: {reason}".rstrip(), limit=120)
