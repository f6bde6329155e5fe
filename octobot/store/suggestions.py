"""Suggestions for failing heads, and how they enter the ledger."""

from base64 import b64decode, b64encode
from collections.abc import Iterator, Mapping, Sequence
from datetime import datetime, timedelta
from typing import Any, LiteralString

from psycopg.types.json import Jsonb

from octobot.model.ids import PullNumber, RepositoryId, Sha
from octobot.model.suggestion import Past, SpecEdit, Suggestion
from octobot.model.triage import Cause
from octobot.store.engine.columns import clean, from_column, to_column, to_sha
from octobot.store.engine.database import Database

_ABANDONED = timedelta(minutes=2)
"""After so long, an unfinished application belongs to a process that died."""
_FIRST_POLL = timedelta(minutes=10)
"""When the thumbs on a comment are read first, after it was written."""
_MOST_PAST = 300
_COLUMNS = (
    "number, package, path, branch, head, fingerprint, templates, cause, before, after, at,"
    " helped_in, state, commit, others"
)


class Suggestions:
    """Suggestions, and whether they were applied and helped."""

    def __init__(self, database: Database) -> None:
        self._database = database

    async def put(self, repository: RepositoryId, suggestion: Suggestion) -> None:
        """Record the suggestion for a failing head, in place of one that is not applied."""
        async with self._database.connection() as connection, connection.transaction():
            await connection.execute(
                f"insert into suggestion (repository, {_COLUMNS}) values (%(repository)s,"  # noqa: S608  (our own names)
                " %(number)s, %(package)s, %(path)s, %(branch)s, %(head)s, %(fingerprint)s,"
                " %(templates)s, %(cause)s, %(before)s, %(after)s, %(at)s, %(helped_in)s,"
                " %(state)s, %(commit)s, %(others)s)"
                " on conflict (repository, number, head) do update set"
                " fingerprint = excluded.fingerprint, templates = excluded.templates,"
                " cause = excluded.cause, package = excluded.package, path = excluded.path,"
                " before = excluded.before, after = excluded.after, others = excluded.others,"
                " helped_in = excluded.helped_in"
                " where suggestion.state = 'offered'",
                _row(repository, suggestion),
            )
            await connection.execute(
                "insert into thumb_poll (repository, number, due, last) values (%s, %s, %s, %s)"
                " on conflict (repository, number) do update set due = excluded.due, tries = 0,"
                " last = excluded.last",
                [repository, suggestion.number, suggestion.at + _FIRST_POLL, suggestion.at],
            )

    async def of_head(
        self, repository: RepositoryId, number: PullNumber, head: Sha
    ) -> Suggestion | None:
        """Return the suggestion for a head."""
        found = await self._find(
            "repository = %s and number = %s and head = %s", repository, number, head
        )
        return found[0] if found else None

    async def begin_applying(
        self, repository: RepositoryId, number: PullNumber, head: Sha, *, now: datetime
    ) -> bool:
        """Claim the application; False when it is done, or another process has it."""
        changed = await self._database.execute(
            "update suggestion set state = 'applying', began = %(now)s"
            " where repository = %(repository)s and number = %(number)s and head = %(head)s"
            " and (state = 'offered' or (state = 'applying' and began < %(dead)s))",
            {
                "repository": repository,
                "number": number,
                "head": head,
                "now": now,
                "dead": now - _ABANDONED,
            },
        )
        return changed == 1

    async def left_applying(
        self, repository: RepositoryId, number: PullNumber, *, now: datetime
    ) -> Suggestion | None:
        """Return the suggestion that a process began to apply and did not finish."""
        found = await self._find(
            "repository = %s and number = %s and state = 'applying' and began < %s",
            *(repository, number, now - _ABANDONED),
        )
        return found[-1] if found else None

    async def applied(
        self,
        repository: RepositoryId,
        suggestion: Suggestion,
        *,
        commit: Sha,
        blobs: Mapping[str, Sha],
    ) -> None:
        """Record the commit in the ledger: head and blobs of the proposal, and the suggestion.

        `blobs`: path → blob id of each spec that it edits.
        """
        values = {
            "repository": repository,
            "number": suggestion.number,
            "head": suggestion.head,
            "branch": suggestion.branch,
            "commit": commit,
            "blob": blobs[suggestion.path],
            "blobs": Jsonb(dict(blobs)),
        }
        async with self._database.connection() as connection, connection.transaction():
            await connection.execute(
                "update suggestion set state = 'applied', commit = %(commit)s where"
                " repository = %(repository)s and number = %(number)s and head = %(head)s",
                values,
            )
            await connection.execute(
                "update proposal set head = %(commit)s,"
                " blob = case when files is null then %(blob)s else blob end,"
                " files = case when files is null then null else files || %(blobs)s end"
                " where id = (select max(id) from proposal"
                " where repository = %(repository)s and branch = %(branch)s)",
                values,
            )
            await connection.execute(
                "insert into head (repository, branch, head)"
                " values (%(repository)s, %(branch)s, %(commit)s) on conflict do nothing",
                values,
            )

    async def not_applied(self, repository: RepositoryId, suggestion: Suggestion) -> None:
        """Release the claim to apply it."""
        await self._database.execute(
            "update suggestion set state = 'offered', began = null where repository = %s"
            " and number = %s and head = %s and state = 'applying'",
            [repository, suggestion.number, suggestion.head],
        )

    async def applied_on(
        self, repository: RepositoryId, number: PullNumber
    ) -> tuple[Suggestion, ...]:
        """Return every suggestion that was applied on a pull request, oldest first."""
        return await self._find(
            "repository = %s and number = %s and state = 'applied'", repository, number
        )

    async def judged(self, repository: RepositoryId, commit: Sha, *, green: bool) -> None:
        """Record whether the checks succeeded on the commit that applied a suggestion."""
        await self._database.execute(
            "update suggestion set green = %s where repository = %s and commit = %s",
            [green, repository, commit],
        )

    async def past(self, repository: RepositoryId) -> tuple[Past, ...]:
        """Return the newest suggestions that had an edit, with their votes."""
        found = await self._database.records(
            "select number, fingerprint, templates, cause, green,"
            " count(*) filter (where up) as ups, count(*) filter (where not up) as downs"
            " from suggestion left join vote on vote.suggestion = suggestion.id"
            " where repository = %s and before <> after"
            " group by suggestion.id order by suggestion.id desc limit %s",
            [repository, _MOST_PAST],
        )
        return tuple([_past(each) for each in found])

    async def first_reported_in(
        self, repository: RepositoryId, fingerprint: str, number: PullNumber
    ) -> PullNumber | None:
        """Return another pull request on which the same failure was reported first."""
        found = await self._database.row(
            "select number from suggestion where repository = %s and fingerprint = %s"
            " order by id limit 1",
            [repository, clean(fingerprint)],
        )
        return PullNumber(found[0]) if found and found[0] != number else None

    async def _find(self, condition: LiteralString, *values: object) -> tuple[Suggestion, ...]:
        query = f"select {_COLUMNS} from suggestion where {condition} order by id"  # noqa: S608  (our own text)
        found = await self._database.records(query, values)
        return tuple([_suggestion(each) for each in found])


def _row(repository: RepositoryId, suggestion: Suggestion) -> dict[str, object]:
    return {
        "repository": repository,
        "number": suggestion.number,
        "package": suggestion.package,
        "path": suggestion.path,
        "branch": suggestion.branch,
        "head": suggestion.head,
        "fingerprint": clean(suggestion.fingerprint),
        "templates": [clean(template) for template in suggestion.templates],
        "cause": to_column(suggestion.cause),
        "before": suggestion.before.encode(),
        "after": suggestion.after.encode(),
        "at": suggestion.at,
        "helped_in": suggestion.helped_in,
        "state": suggestion.state,
        "commit": suggestion.commit,
        "others": Jsonb(_from_others(suggestion)) if suggestion.others else None,
    }


def _suggestion(found: Mapping[str, Any]) -> Suggestion:
    return Suggestion(
        **{
            **found,
            "templates": tuple(found["templates"]),
            "cause": from_column(Cause, found["cause"]),
            "before": found["before"].decode(),
            "after": found["after"].decode(),
            "commit": to_sha(found["commit"]),
            "others": tuple(_to_others(found["others"] or ())),
        }
    )


def _from_others(suggestion: Suggestion) -> list[list[str]]:
    """Encode the further specs: a text may have what JSON of the database cannot, so in base 64."""
    return [
        [each.path, *(b64encode(text.encode()).decode() for text in (each.before, each.after))]
        for each in suggestion.others
    ]


def _to_others(value: Sequence[Sequence[str]]) -> Iterator[SpecEdit]:
    for path, before, after in value:
        yield SpecEdit(path, b64decode(before).decode(), b64decode(after).decode())


def _past(found: Mapping[str, Any]) -> Past:
    return Past(
        **{
            **found,
            "templates": tuple(found["templates"]),
            "cause": from_column(Cause, found["cause"]),
        }
    )
