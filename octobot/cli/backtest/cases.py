"""Recorded bumps from a file: one JSON object a line, plain or compressed with gzip.

`id`, `path`, `to` and `before` are needed; `time`, `class`, `from`, `after` and `facts` are used
where they are there.  JSON dies here: what comes out is typed, what is wrong is said with its line.
"""

import gzip
import json
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import IO, Any, TypeVar

from octobot.flows.backtest.backtest import Case
from octobot.model.errors import UserError
from octobot.model.reasons import Reason
from octobot.specs.history.facts import ANYWHERE, Facts
from octobot.specs.read.parsing import read_tree
from octobot.specs.read.sources import Target

T = TypeVar("T")

_GZIP = b"\x1f\x8b"
_ALGORITHMS = ("sha256", "sha512")


def read_cases(file: Path) -> Iterator[Case]:
    """Yield the cases in the order of the file; a line that is not a case is a `UserError`."""
    with _opened(file) as lines:
        try:
            for number, line in enumerate(lines, 1):
                if line.strip():
                    yield _case(_Fields(f"{file}, line {number}", _json(file, number, line)))
        except (OSError, EOFError, UnicodeDecodeError) as error:
            raise UserError(f"{file} is not a file of cases: {error}") from error


def count_cases(file: Path) -> int:
    """Count the lines that hold a case, for a progress bar."""
    try:
        with _opened(file) as lines:
            return sum(1 for line in lines if line.strip())
    except (OSError, EOFError, UnicodeDecodeError) as error:
        raise UserError(f"{file} is not a file of cases: {error}") from error


def _opened(file: Path) -> IO[str]:
    with file.open("rb") as stream:
        compressed = stream.read(2) == _GZIP
    if compressed:
        return gzip.open(file, "rt", encoding="utf-8")
    return file.open(encoding="utf-8")


def _json(file: Path, number: int, line: str) -> Mapping[str, Any]:
    try:
        value = json.loads(line)
    except (ValueError, RecursionError) as error:
        raise UserError(f"{file}, line {number}: not JSON: {error}") from error
    if not isinstance(value, dict):
        raise UserError(f"{file}, line {number}: a case is an object")
    return value


class _Fields:
    """The fields of one JSON object; a wrong one is named with its place."""

    def __init__(self, place: str, values: Mapping[str, Any]) -> None:
        self._place, self._values = place, values

    def needed(self, name: str, kind: type[T]) -> T:
        found = self.optional(name, kind)
        if found is None:
            raise UserError(f"{self._place}: {name} is missing")
        return found

    def optional(self, name: str, kind: type[T]) -> T | None:
        value = self._values.get(name)
        if value is not None and not isinstance(value, kind):
            raise UserError(f"{self._place}: {name} is not a {kind.__name__}")
        return value

    def each(self, name: str) -> "Iterator[_Fields]":
        for item in self.optional(name, list) or ():
            if not isinstance(item, dict):
                raise UserError(f"{self._place}: {name} holds something that is no object")
            yield _Fields(f"{self._place}, {name}", item)

    def texts(self, name: str) -> list[str]:
        items = self.optional(name, list) or []
        if not all(isinstance(item, str) for item in items):
            raise UserError(f"{self._place}: {name} holds something that is no text")
        return items

    def table(self, name: str) -> Mapping[str, str] | None:
        table = self.optional(name, dict)
        if table is not None and not all(isinstance(value, str) for value in table.values()):
            raise UserError(f"{self._place}: {name} holds something that is no text")
        return table

    def below(self, name: str) -> "_Fields":
        return _Fields(f"{self._place}, {name}", self.optional(name, dict) or {})


def _case(fields: _Fields) -> Case:
    path, before = fields.needed("path", str), fields.needed("before", str)
    return Case(
        id=fields.needed("id", str),
        time=fields.optional("time", int) or 0,
        path=path,
        kind=fields.optional("class", str) or "",
        source=fields.optional("from", str) or _version(path, before),
        target=fields.needed("to", str),
        before=before,
        after=fields.optional("after", str),
        facts=_facts(fields.below("facts")),
    )


def _version(path: str, text: str) -> str:
    tree = read_tree(path, text)
    package = None if isinstance(tree, Reason) else tree.map("package")
    return package.text("version") if package else ""


def _facts(fields: _Fields) -> Facts:
    commits: dict[Target, str] = {}
    digests: dict[tuple[str, str], str] = {}
    for fact in fields.each("tags"):
        target = Target(fact.needed("repository", str), _ref(fact))
        commits.setdefault(target, fact.needed("commit", str))
    for fact in fields.each("archives"):
        for algorithm in _ALGORITHMS:
            if digest := fact.optional(algorithm, str):
                digests.setdefault((fact.needed("uri", str), algorithm), digest)
    gomod = fields.table("gomod")
    contained = fields.optional("contained", list)
    return Facts(
        commits,
        digests,
        {} if gomod is None else {ANYWHERE: gomod},
        None if contained is None else frozenset(fields.texts("contained")),
    )


def _ref(fact: _Fields) -> str:
    if tag := fact.optional("tag", str):
        return f"refs/tags/{tag}"
    branch = fact.optional("branch", str)
    return f"refs/heads/{branch}" if branch else "HEAD"
