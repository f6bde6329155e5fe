"""Questions to models, each asked once and within the allowance; and thumbs, each counted once."""

from collections.abc import Mapping, Sequence
from datetime import datetime, timedelta
from typing import Literal

from psycopg.types.json import Jsonb

from octobot.model.ids import PullNumber, RepositoryId
from octobot.model.suggestion import Allowance, Thumb, Unasked
from octobot.model.triage import Cause
from octobot.store.engine.database import Connection, Database
from octobot.store.engine.json_codec import clean, from_cause, to_cause

_LOST = timedelta(minutes=10)
"""A question without an answer for so long belongs to a process that died."""
_SULK = timedelta(hours=6)
"""How long a question that failed is not asked again."""
_SHORTEST, _LONGEST = timedelta(minutes=10), timedelta(days=1)
"""The pauses between two looks at a comment's thumbs; each is twice the last."""
_FORGOTTEN = timedelta(days=30)
"""After the comment was written last."""
_ALL = 0
"""Stands for all repositories together; GitHub's numbers begin at 1."""


class Advice:
    """The part of the store that remembers questions and thumbs."""

    _database: Database

    async def claim_question(
        self, repository: RepositoryId, fingerprint: str, *, now: datetime, allowance: Allowance
    ) -> Cause | Unasked | Literal["ours", "others"]:
        """Give the known answer, or take it upon us to ask, within the allowance."""
        key = (repository, clean(fingerprint))
        async with self._database.connection() as connection:
            known = await _known(connection, key, now)
            if known is not None:
                return known
            async with connection.transaction():
                return await _claim(connection, key, now, allowance)

    async def answer_question(
        self, repository: RepositoryId, fingerprint: str, answer: Cause | Unasked
    ) -> None:
        """Remember the answer for every failure with this fingerprint."""
        known: Jsonb | None = from_cause(answer) if isinstance(answer, Cause) else None
        failed = clean(answer.because) if isinstance(answer, Unasked) else None
        async with self._database.connection() as connection:
            await connection.execute(
                "update question set answer = %s, failed = %s"
                " where repository = %s and fingerprint = %s",
                [known, failed, repository, clean(fingerprint)],
            )

    async def thumbs_due(
        self, repository: RepositoryId, *, now: datetime, limit: int
    ) -> tuple[PullNumber, ...]:
        """Take pull requests whose comment should be looked at; each less often every time."""
        async with self._database.connection() as connection, connection.transaction():
            await connection.execute(
                "delete from thumb_poll where repository = %s and last < %s",
                [repository, now - _FORGOTTEN],
            )
            cursor = await connection.execute(
                "update thumb_poll set tries = tries + 1, due = %(now)s"
                " + least(%(longest)s, %(shortest)s * power(2, least(tries, 10)))"
                " where (repository, number) in (select repository, number from thumb_poll"
                " where repository = %(repository)s and due <= %(now)s order by due"
                " limit %(limit)s for update skip locked) returning number",
                {
                    "repository": repository,
                    "now": now,
                    "limit": limit,
                    "shortest": _SHORTEST,
                    "longest": _LONGEST,
                },
            )
            return tuple(sorted(PullNumber(number) for (number,) in await cursor.fetchall()))

    async def voters(
        self, repository: RepositoryId, people: Sequence[int], *, since: datetime
    ) -> Mapping[int, bool]:
        """Give who of these people may write, as far as that was asked since then."""
        async with self._database.connection() as connection:
            cursor = await connection.execute(
                "select person, writes from voter"
                " where repository = %s and person = any(%s) and checked >= %s",
                [repository, list(people), since],
            )
            return dict(await cursor.fetchall())

    async def know_voters(
        self, repository: RepositoryId, writes: Mapping[int, bool], *, now: datetime
    ) -> None:
        """Remember who may write."""
        async with self._database.connection() as connection, connection.cursor() as cursor:
            await cursor.executemany(
                "insert into voter (repository, person, writes, checked) values (%s, %s, %s, %s)"
                " on conflict (repository, person) do update set writes = excluded.writes,"
                " checked = excluded.checked",
                [(repository, person, may, now) for person, may in writes.items()],
            )

    async def put_votes(
        self, repository: RepositoryId, number: PullNumber, thumbs: Sequence[Thumb]
    ) -> None:
        """Make exactly these the votes: each is for what the comment said at its time."""
        async with self._database.connection() as connection, connection.transaction():
            await connection.execute(
                "delete from vote using suggestion where vote.suggestion = suggestion.id"
                " and repository = %s and number = %s",
                [repository, number],
            )
            async with connection.cursor() as cursor:
                await cursor.executemany(
                    "insert into vote (suggestion, person, up)"
                    " select id, %s, %s from suggestion where repository = %s and number = %s"
                    " and date_trunc('second', at) <= %s order by id desc limit 1"
                    " on conflict do nothing",
                    [(thumb.person.id, thumb.up, repository, number, thumb.at) for thumb in thumbs],
                )

    async def look_at_thumbs(
        self, repository: RepositoryId, number: PullNumber, *, at: datetime | None
    ) -> None:
        """Look at a comment's thumbs at this time; None: never again."""
        async with self._database.connection() as connection:
            if at is None:
                await connection.execute(
                    "delete from thumb_poll where repository = %s and number = %s",
                    [repository, number],
                )
            else:
                await connection.execute(
                    "update thumb_poll set due = %s where repository = %s and number = %s",
                    [at, repository, number],
                )


async def _known(
    connection: Connection, key: tuple[RepositoryId, str], now: datetime
) -> Cause | Unasked | Literal["others"] | None:
    """Give what is known of a question; None when it is to be asked."""
    cursor = await connection.execute(
        "select asked, answer, failed from question where repository = %s and fingerprint = %s",
        key,
    )
    found = await cursor.fetchone()
    if found is None:
        return None
    asked, answer, failed = found
    if answer is not None:
        return to_cause(answer)
    if now - asked >= (_LOST if failed is None else _SULK):
        return None
    return "others" if failed is None else Unasked(failed)


async def _claim(
    connection: Connection, key: tuple[RepositoryId, str], now: datetime, allowance: Allowance
) -> Cause | Unasked | Literal["ours", "others"]:
    """Claim a question; whoever claims, claims alone, so that no two spend the same last one."""
    await connection.execute("select pg_advisory_xact_lock(hashtext('octobot question'))")
    known = await _known(connection, key, now)
    if known is not None:
        return known
    if not await _spend(connection, key[0], now, allowance):
        return Unasked("the day's questions are used up")
    await connection.execute(
        "insert into question (repository, fingerprint, asked) values (%s, %s, %s)"
        " on conflict (repository, fingerprint) do update set asked = excluded.asked,"
        " answer = null, failed = null",
        [*key, now],
    )
    return "ours"


async def _spend(
    connection: Connection, repository: RepositoryId, now: datetime, allowance: Allowance
) -> bool:
    """Count one question of today, unless that would be one too many."""
    day = now.date()
    cursor = await connection.execute(
        "select repository, questions from question_count"
        " where day = %s and repository in (%s, %s)",
        [day, _ALL, repository],
    )
    spent: dict[int, int] = dict(await cursor.fetchall())
    if spent.get(_ALL, 0) >= allowance.day or spent.get(repository, 0) >= allowance.repository:
        return False
    await connection.execute(
        "insert into question_count (day, repository, questions) values (%(day)s, 0, 1),"
        " (%(day)s, %(repository)s, 1) on conflict (day, repository)"
        " do update set questions = question_count.questions + 1",
        {"day": day, "repository": repository},
    )
    return True
