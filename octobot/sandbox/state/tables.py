"""Tables of frozen values in memory, every change written through to one SQLite file.

A sandbox that is killed with SIGKILL has the same state when it is opened on the same directory.
Power cuts are not considered, so nothing waits for the disk.
"""

import pickle
import sqlite3
from collections import defaultdict
from collections.abc import Iterator
from pathlib import Path
from typing import Generic, Protocol, TypeVar

from octobot.model.errors import UserError


class Row(Protocol):
    """A value that a table can hold."""

    @property
    def id(self) -> int:
        """The number under which it is stored."""
        ...


V = TypeVar("V", bound=Row)


class Database:
    """The file behind the tables, and the counter all ids come from."""

    def __init__(self, path: Path) -> None:
        self._path = path
        self._db = sqlite3.connect(path, isolation_level=None)
        self._db.execute("PRAGMA journal_mode = WAL")
        self._db.execute("PRAGMA synchronous = OFF")
        self._db.execute(
            "CREATE TABLE IF NOT EXISTS kept "
            "(kind TEXT, id INTEGER, value BLOB, PRIMARY KEY (kind, id)) WITHOUT ROWID"
        )

    def put(self, kind: str, number: int, value: object) -> None:
        """Write one value."""
        self._db.execute(
            "INSERT OR REPLACE INTO kept VALUES (?, ?, ?)", (kind, number, pickle.dumps(value))
        )

    def drop(self, kind: str, number: int) -> None:
        """Delete one value."""
        self._db.execute("DELETE FROM kept WHERE kind = ? AND id = ?", (kind, number))

    def load(self, kind: str) -> Iterator[object]:
        """Yield all values of a kind, ordered by number."""
        rows = self._db.execute("SELECT value FROM kept WHERE kind = ? ORDER BY id", (kind,))
        for (blob,) in rows.fetchall():
            try:
                yield pickle.loads(blob)  # noqa: S301  (written by this class, in its own home)
            except (AttributeError, ImportError, TypeError) as error:
                raise UserError(f"{self._path}: another version wrote this; remove it") from error

    def highest(self) -> int:
        """Return the highest number in use, 0 when empty."""
        (top,) = self._db.execute("SELECT coalesce(max(id), 0) FROM kept").fetchone()
        return int(top)

    def close(self) -> None:
        """Close the file."""
        self._db.close()


class Table(Generic[V]):
    """The values of one kind, found by number or by the repository (or other group) they belong to.

    `within` names a field by which the values of one group are indexed.
    """

    def __init__(
        self, database: Database, kind: type[V], group: str = "repo", within: str = ""
    ) -> None:
        self._database, self._kind, self._group, self._within = database, kind, group, within
        self._all: dict[int, V] = {}
        self._grouped: defaultdict[object, dict[int, V]] = defaultdict(dict)
        self._found: defaultdict[tuple[object, object], dict[int, V]] = defaultdict(dict)
        for value in database.load(kind.__name__):
            if isinstance(value, kind):
                self._index(value)

    def _index(self, value: V) -> None:
        group = getattr(value, self._group, None)
        self._all[value.id] = value
        self._grouped[group][value.id] = value
        if self._within:
            self._found[group, getattr(value, self._within)][value.id] = value

    def put(self, value: V) -> V:
        """Add it, or replace the one with its number; what it is found by never changes."""
        self._index(value)
        self._database.put(self._kind.__name__, value.id, value)
        return value

    def drop(self, value: V) -> None:
        """Delete it; deleted already is fine."""
        self._all.pop(value.id, None)
        group = getattr(value, self._group, None)
        self._grouped[group].pop(value.id, None)
        if self._within:
            self._found[group, getattr(value, self._within)].pop(value.id, None)
        self._database.drop(self._kind.__name__, value.id)

    def get(self, number: int) -> V | None:
        """Find by number."""
        return self._all.get(number)

    def of(self, group: object) -> tuple[V, ...]:
        """Return the values of a group, oldest first."""
        return tuple(self._grouped[group].values()) if group in self._grouped else ()

    def find(self, group: object, value: object) -> tuple[V, ...]:
        """Return the values of a group whose field `within` has this value, oldest first."""
        key = group, value
        return tuple(self._found[key].values()) if key in self._found else ()

    def __getitem__(self, number: int) -> V:
        return self._all[number]

    def __iter__(self) -> Iterator[V]:
        return iter(tuple(self._all.values()))

    def __len__(self) -> int:
        return len(self._all)
