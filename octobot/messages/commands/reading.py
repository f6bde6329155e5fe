"""What is said when the words of a command are not such as it takes.

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
    """Say that a command does not take the words after it, and how it is written."""
    before = "a package's name and " if about == "package" and rest != "nothing" else ""
    only = "only a package's name" if about == "package" and rest == "nothing" else ""
    taken = only or f"{before}{_TAKES[rest]}"
    more = "" if only or rest == "nothing" else " and nothing else"
    return f"Nothing was done: `{name}` takes {taken}{more}.\nWrite `/octobot {usage}`."


def other_thread(name: str, own: str, other: str) -> str:
    """Say that a command is about the thread's pull request, and another package was named."""
    return (
        f"Nothing was done: this pull request is about {code(own)}, not {code(other)}.\n"
        f"Say `/octobot {name}` on the pull request that is meant."
    )


def one_more(name: str, first: str, second: str, reason: str) -> str:
    """Say that two packages are named where one is meant; `reason`: what may be one, too."""
    also = f"; if it begins the reason, {_written(name, first, reason)}" if reason else ""
    return (
        f"Nothing was done: {code(first)} and {code(second)} are named, and it is not clear what"
        f" is meant for which.\nWrite a command for each, on a line of its own{also}."
    )


def either(name: str, named: str, rest: Sequence[str], own: str, spoken: Sequence[str]) -> str:
    """Say that a word may be a package's name or begin a reason, with the spelling of each."""
    return (
        f"Nothing was done: {code(named)} may be the package that is meant, or the beginning of"
        f" the reason for {code(own)}.\nWrite {_written(name, named, ' '.join(rest))} or"
        f" {_written(name, own, ' '.join(spoken))}."
    )


def several_spellings(names: Sequence[str]) -> str:
    """Say that names differ in their letters' case only."""
    return f"octobot knows {' and '.join(names)} here: write the name exactly as it is."


def not_the_threads(text: str, own: str) -> str:
    """Add to an answer that it is about another package than the thread."""
    gap = "\n\n" if "\n" in text else " "
    return f"{text}{gap}This is not about {code(own)}, which the thread is about."


def _written(name: str, package: str, reason: str) -> str:
    return code(f"/octobot {name} {package}: {reason}".rstrip(), limit=120)
