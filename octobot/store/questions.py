"""Questions to models, each asked once and within the allowance."""

from datetime import datetime, timedelta
from typing import Literal

from psycopg.types.json import Jsonb

from octobot.model.ids import RepositoryId
from octobot.model.suggestion import Allowance, Unasked
from octobot.model.triage import Cause
from octobot.store.engine.columns import clean, from_column, to_column
from octobot.store.engine.database import Connection, Database

_LOST = timedelta(minutes=10)
"""A question without an answer for so long belongs to a process that died."""
_PAUSE = timedelta(hours=6)
"""How long a failed question is not asked again."""
_ALL = 0
"""All repositories together; GitHub's numbers begin at 1."""


class Questions:
    """Which failures a model was asked about, and its answers."""

    def __init__(self, database: Database) -> None:
        self._database = database

    async def claim(
        self, repository: RepositoryId, fingerprint: str, *, now: datetime, allowance: Allowance
    ) -> Cause | Unasked | Literal["mine", "others"]:
        """Return the known answer, or claim the question for this process, within the allowance."""
        key = (repository, clean(fingerprint))
        async with self._database.connection() as connection:
            known = await _known(connection, key, now)
            if known is not None:
                return known
            async with connection.transaction():
                return await _claim(connection, key, now, allowance)

    async def answer(
        self, repository: RepositoryId, fingerprint: str, answer: Cause | Unasked
    ) -> None:
        """Record the answer for every failure with this fingerprint."""
        known: Jsonb | None = to_column(answer) if isinstance(answer, Cause) else None
        failed = clean(answer.because) if isinstance(answer, Unasked) else None
        await self._database.execute(
            "update question set answer = %s, failed = %s"
            " where repository = %s and fingerprint = %s",
            [known, failed, repository, clean(fingerprint)],
        )


async def _known(
    connection: Connection, key: tuple[RepositoryId, str], now: datetime
) -> Cause | Unasked | Literal["others"] | None:
    """Return what is known of a question; None when it should be asked."""
    cursor = await connection.execute(
        "select asked, answer, failed from question where repository = %s and fingerprint = %s",
        key,
    )
    found = await cursor.fetchone()
    if found is None:
        return None
    asked, answer, failed = found
    if answer is not None:
        return from_column(Cause, answer)
    if now - asked >= (_LOST if failed is None else _PAUSE):
        return None
    return "others" if failed is None else Unasked(failed)


async def _claim(
    connection: Connection, key: tuple[RepositoryId, str], now: datetime, allowance: Allowance
) -> Cause | Unasked | Literal["mine", "others"]:
    """Claim a question under a lock, so that no two processes spend the same last one."""
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
    return "mine"


async def _spend(
    connection: Connection, repository: RepositoryId, now: datetime, allowance: Allowance
) -> bool:
    """Count one question of today; False when the day's allowance is used up."""
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
