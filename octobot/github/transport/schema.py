"""What a server's GraphQL does not know: an older GitHub Enterprise Server lacks newer names.

GraphQL checks a document as a whole before anything is done, so one unknown name fails all of it,
and the error has that name.  A part of a document that can be done without is left out then, and
the document is sent again; what is unknown is remembered for some minutes, since servers are
upgraded.  What is in no such part is needed: `Unknown` names it, and the remedy.
Source: graphql-ruby, `lib/graphql/static_validation` and `query/variable_validation_error.rb`,
whose errors GitHub shows; refined-github, issue 6946, has one of a server.
"""

import re
from collections.abc import Callable, Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass

from octobot.github.transport.json_fields import at
from octobot.model.errors import Misconfigured

_FORGET = 600.0
"""Seconds; a server that is upgraded is down for about as long."""
_SINCE = {"Mutation.updateRefs": "3.13"}
"""The first GitHub Enterprise Server with it; source: docs.github.com, GraphQL "Changelog"."""
_VALUE = re.compile(r'Expected "(\w+)" to be one of')

Document = tuple[str, Mapping[str, object]]
"""A document and its variables."""
Compose = Callable[[Collection[str]], Document]
"""Writes a document without the parts that need what is unknown."""


class Unknown(Misconfigured):
    """The server's GraphQL does not know what octobot needs."""

    def __init__(self, names: frozenset[str]) -> None:
        since = [f"; {one} came with {_SINCE[one]}" for one in sorted(names & _SINCE.keys())]
        super().__init__(
            "this GitHub Enterprise Server is too old for what octobot asks of it: its GraphQL "
            f"does not know {', '.join(sorted(names))}; upgrade the server{''.join(since)}"
        )
        self.names = names


@dataclass(frozen=True, slots=True)
class Part:
    """A part of a document that can be done without."""

    text: str
    needs: frozenset[str]
    """Each as `Type`, `Type.field`, `field(argument)` or a value of an enum."""

    def known(self, unknown: Collection[str]) -> bool:
        """Return whether nothing of it is unknown."""
        return self.needs.isdisjoint(unknown)

    def unless(self, unknown: Collection[str]) -> str:
        """Return the text; empty where something of it is unknown."""
        return self.text if self.known(unknown) else ""


def part(text: str, *needs: str) -> Part:
    """Return a part that can be done without."""
    return Part(text, frozenset(needs))


class Unknowns:
    """What one server does not know, for some minutes."""

    def __init__(self) -> None:
        self._until: dict[str, float] = {}

    def now(self, now: float) -> frozenset[str]:
        """Return what is unknown; `now` in seconds of a steady clock."""
        return frozenset(name for name, until in self._until.items() if now < until)

    def learn(self, names: Collection[str], now: float) -> None:
        """Remember names that the server did not know just now."""
        self._until |= dict.fromkeys(names, now + _FORGET)


def unknown_names(errors: Sequence[object]) -> frozenset[str]:
    """Return the names that the server said it does not know; other errors name none.

    What follows from them, such as a variable that nothing uses any more, is no name.
    """
    return frozenset(name for error in errors for name in _names(error))


def _names(error: object) -> Iterator[str]:
    about = at(error, "extensions")
    of, argument = at(about, "typeName"), at(about, "argumentName")
    match at(about, "code"):
        case "undefinedField" if of:
            yield f"{of}.{at(about, 'fieldName')}"
        case "undefinedType" | "variableRequiresValidType" if of:
            yield str(of)
        case "argumentNotAccepted" if of == "InputObject":
            yield f"{at(about, 'name')}.{argument}"
        case "argumentNotAccepted":
            yield f"{at(about, 'name')}({argument})"
        case "argumentLiteralsIncompatible":
            yield f"{_before(at(error, 'path'))}({argument})"
        case _:
            problems = at(about, "problems") or at(error, "problems")
            for problem in problems if isinstance(problems, list) else []:
                if found := _VALUE.search(str(at(problem, "explanation"))):
                    yield found[1]


def _before(path: object) -> str:
    """Return the field whose argument is at the end of a path."""
    return str(path[-2]) if isinstance(path, list) and len(path) > 1 else ""
