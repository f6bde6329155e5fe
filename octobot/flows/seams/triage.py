"""What explaining failures needs: suggestions in the store, thumbs from GitHub, and an adviser."""

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Literal, Protocol

from octobot.model.ids import PullNumber, RepositoryId, Sha
from octobot.model.suggestion import Allowance, Past, Question, Suggestion, Thumb, Unasked
from octobot.model.triage import Cause, Diagnosis

Claim = Cause | Unasked | Literal["ours", "others"]
"""The answer that is known, why there is none, or whose it is to ask."""


class Suggestions(Protocol):
    """The part of the store that remembers what was suggested, and what came of it."""

    async def put_suggestion(self, repository: RepositoryId, suggestion: Suggestion) -> None:
        """Remember what is told of a failing head, in place of what was; not once it is applied.

        The thumbs on its comment are looked at from now on.
        """
        ...

    async def suggestion(
        self, repository: RepositoryId, number: PullNumber, head: Sha
    ) -> Suggestion | None:
        """Give what was told of a head."""
        ...

    async def begin_applying(
        self, repository: RepositoryId, number: PullNumber, head: Sha, *, now: datetime
    ) -> bool:
        """Take it upon us to apply; False when it is done, or somebody else is about to."""
        ...

    async def left_applying(
        self, repository: RepositoryId, number: PullNumber, *, now: datetime
    ) -> Suggestion | None:
        """Give the suggestion that a process began to apply, and left."""
        ...

    async def applied(
        self,
        repository: RepositoryId,
        suggestion: Suggestion,
        *,
        commit: Sha,
        blobs: Mapping[str, Sha],
    ) -> None:
        """Enter the commit into the ledger: head and blobs of the proposal, and the suggestion.

        `blobs`: path → blob id of each spec that it edits.
        """
        ...

    async def not_applied(self, repository: RepositoryId, suggestion: Suggestion) -> None:
        """Take back that it is being applied."""
        ...

    async def applied_on(
        self, repository: RepositoryId, number: PullNumber
    ) -> tuple[Suggestion, ...]:
        """Give every suggestion that was applied on a pull request, oldest first."""
        ...

    async def judged_suggestion(
        self, repository: RepositoryId, commit: Sha, *, green: bool
    ) -> None:
        """Remember whether the checks succeeded on the commit that applied a suggestion."""
        ...

    async def past_suggestions(self, repository: RepositoryId) -> tuple[Past, ...]:
        """Give the newest suggestions that had an edit, with what was said of them."""
        ...

    async def told_in(
        self, repository: RepositoryId, fingerprint: str, number: PullNumber
    ) -> PullNumber | None:
        """Give another pull request on which the same failure was told first."""
        ...

    async def claim_question(
        self, repository: RepositoryId, fingerprint: str, *, now: datetime, allowance: Allowance
    ) -> Claim:
        """Give the known answer, or take it upon us to ask, within the allowance."""
        ...

    async def answer_question(
        self, repository: RepositoryId, fingerprint: str, answer: Cause | Unasked
    ) -> None:
        """Remember the answer for every failure with this fingerprint."""
        ...

    async def thumbs_due(
        self, repository: RepositoryId, *, now: datetime, limit: int
    ) -> tuple[PullNumber, ...]:
        """Take pull requests whose comment should be looked at; each less often every time."""
        ...

    async def voters(
        self, repository: RepositoryId, people: Sequence[int], *, since: datetime
    ) -> Mapping[int, bool]:
        """Give who of these people may write, as far as that was asked since then."""
        ...

    async def know_voters(
        self, repository: RepositoryId, writes: Mapping[int, bool], *, now: datetime
    ) -> None:
        """Remember who may write."""
        ...

    async def put_votes(
        self, repository: RepositoryId, number: PullNumber, thumbs: Sequence[Thumb]
    ) -> None:
        """Make exactly these the votes: each is for what the comment said at its time."""
        ...

    async def look_at_thumbs(
        self, repository: RepositoryId, number: PullNumber, *, at: datetime | None
    ) -> None:
        """Look at a comment's thumbs at this time; None: never again."""
        ...


class Adviser(Protocol):
    """Finds what helped before and, when a model is set, asks it."""

    @property
    def asks(self) -> bool:
        """Tell whether there is a model to ask."""
        ...

    def similar(self, diagnosis: Diagnosis, past: Sequence[Past]) -> tuple[Past, ...]:
        """Give the suggestions of like failures, the best first."""
        ...

    async def suggest(self, question: Question) -> Cause | Unasked:
        """Ask the model once; every failure is an answer too."""
        ...
