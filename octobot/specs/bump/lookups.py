"""The lookups of one bump: each is made once, and each answer is checked before it is used."""

import re
from collections.abc import Generator, Mapping
from typing import Literal

from octobot.model.bump import Answer, Ask, CommitOf, ContainedIn, DigestOf, GoModOf
from octobot.model.ids import Sha

_COMMIT = re.compile(r"[0-9a-f]{40}")
_DIGEST = {"sha256": re.compile(r"[0-9a-f]{64}"), "sha512": re.compile(r"[0-9a-f]{128}")}


class Lookups:
    """Yields lookups to the driver, and remembers its answers."""

    def __init__(self) -> None:
        self._answers: dict[Ask, Answer] = {}

    @property
    def unanswered(self) -> tuple[Ask, ...]:
        """The lookups without an answer."""
        return tuple(ask for ask, answer in self._answers.items() if answer is None)

    def commit(self, repository: str, ref: str) -> Generator[Ask, Answer, Sha | None]:
        """Resolve a ref; None when it does not exist or the answer is not a commit."""
        answer = yield from self._ask(CommitOf(repository, ref))
        return Sha(answer) if isinstance(answer, str) and _COMMIT.fullmatch(answer) else None

    def digest(
        self, uri: str, algorithm: Literal["sha256", "sha512"]
    ) -> Generator[Ask, Answer, str | None]:
        """Digest a file; None when it cannot be downloaded or the answer is not such a digest."""
        answer = yield from self._ask(DigestOf(uri, algorithm))
        good = isinstance(answer, str) and _DIGEST[algorithm].fullmatch(answer)
        return answer if good and isinstance(answer, str) else None

    def gomod(
        self, repository: str, ref: str, directory: str
    ) -> Generator[Ask, Answer, Mapping[str, str]]:
        """Read a `go.mod`; empty when it does not exist."""
        answer = yield from self._ask(GoModOf(repository, ref, directory))
        return answer if isinstance(answer, Mapping) else {}

    def contained(
        self, repository: str, ref: str, commits: tuple[str, ...]
    ) -> Generator[Ask, Answer, frozenset[str]]:
        """Return the commits that the ref contains; empty when that is not known."""
        answer = yield from self._ask(ContainedIn(repository, ref, commits))
        return answer if isinstance(answer, frozenset) else frozenset()

    def _ask(self, ask: Ask) -> Generator[Ask, Answer, Answer]:
        if ask not in self._answers:
            self._answers[ask] = yield ask
        return self._answers[ask]
