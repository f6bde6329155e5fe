"""Waves of rebuilds: what was intended, and which versions of triggers were seen.

A trigger has one wave and a wave orders each rebuild once, so one version of a trigger raises a
spec at most once, however many processes look.
"""

from collections import defaultdict
from collections.abc import Mapping, Sequence
from datetime import datetime

from octobot.model.ids import RepositoryId
from octobot.model.rebuild import Trigger
from octobot.model.wave import Intended, NewWave, Wave, WavePull, WaveState
from octobot.store.engine.columns import clean, from_column, to_column
from octobot.store.engine.database import Database


class Waves:
    """The waves of all repositories."""

    def __init__(self, database: Database) -> None:
        self._database = database

    async def open(self, repository: RepositoryId, new: NewWave, *, now: datetime) -> bool:
        """Begin a wave; False when it was begun before."""
        async with self._database.connection() as connection, connection.transaction():
            cursor = await connection.execute(
                "insert into wave (repository, name, trigger, because, by, since)"
                " values (%s, %s, %s, %s, %s, %s) on conflict (repository, name) do nothing"
                " returning id",
                [
                    *(repository, clean(new.name), to_column(new.trigger)),
                    *(clean(new.because), clean(new.by), now),
                ],
            )
            found = await cursor.fetchone()
            if found is None:
                return False
            await connection.execute(
                "insert into wave_spec (wave, spec, of)"
                " select %s, * from unnest(%s::text[], %s::text[])",
                [found[0], list(new.specs), list(new.specs.values())],
            )
            return True

    async def recent(self, repository: RepositoryId, *, since: datetime) -> tuple[Wave, ...]:
        """Return the waves that run, and those that began since a time; oldest first."""
        rows = await self._database.records(
            "select * from wave where repository = %s and (state in ('open', 'held')"
            " or since >= %s) order by id",
            [repository, since],
        )
        intended: dict[int, dict[str, Intended]] = defaultdict(dict)
        for wave, spec, of, ordered in await self._database.rows(
            "select wave, spec, of, ordered from wave_spec where wave = any(%s) order by spec",
            [[row["id"] for row in rows]],
        ):
            intended[wave][spec] = Intended(of, ordered)
        return tuple([
            Wave(
                id=row["id"],
                trigger=from_column(Trigger, row["trigger"]),
                state=row["state"],
                because=row["because"],
                by=row["by"],
                since=row["since"],
                issue=row["issue"],
                digest=row["digest"],
                said=row["said"],
                specs=intended[row["id"]],
            )
            for row in rows
        ])  # fmt: skip

    async def add(self, wave: int, specs: Mapping[str, str]) -> None:
        """Take up specs that came to the plan, name → full version."""
        await self._database.execute(
            "insert into wave_spec (wave, spec, of)"
            " select %s, * from unnest(%s::text[], %s::text[]) on conflict do nothing",
            [wave, list(specs), list(specs.values())],
        )

    async def mark_ordered(self, wave: int, spec: str) -> bool:
        """Record that a rebuild is ordered; False when it was before."""
        changed = await self._database.execute(
            "update wave_spec set ordered = true where wave = %s and spec = %s and not ordered",
            [wave, spec],
        )
        return changed > 0

    async def set_state(
        self, repository: RepositoryId, wave: int, state: WaveState, because: str = ""
    ) -> bool:
        """Hold a wave, continue, stop or end it; False when it does not run."""
        changed = await self._database.execute(
            "update wave set state = %s, because = %s"
            " where repository = %s and id = %s and state in ('open', 'held')",
            [state, clean(because), repository, wave],
        )
        return changed > 0

    async def enter_issue(
        self, wave: int, issue: int | None, digest: str, *, now: datetime
    ) -> None:
        """Record the tracking issue and what it says."""
        await self._database.execute(
            "update wave set issue = %s, digest = %s, said = %s where id = %s",
            [issue, digest, now, wave],
        )

    async def pulls(
        self, repository: RepositoryId, specs: Sequence[str], *, since: datetime
    ) -> Mapping[str, WavePull]:
        """Return the newest pull request of each spec that was begun since a time."""
        rows = await self._database.rows(
            "select distinct on (package) package, number, state, version from proposal"
            " where repository = %s and package = any(%s) and at >= %s order by package, id desc",
            [repository, list(specs), since],
        )
        return {
            package: WavePull(package, number, state, "-r" in version)
            for package, number, state, version in rows
        }

    async def seen(self, repository: RepositoryId) -> Mapping[str, str]:
        """Return the version of each trigger that was seen last."""
        return dict(
            await self._database.rows(
                "select spec, version from trigger_seen where repository = %s", [repository]
            )
        )

    async def see(self, repository: RepositoryId, versions: Mapping[str, str]) -> None:
        """Record the versions that the default branch has now."""
        await self._database.execute(
            "insert into trigger_seen (repository, spec, version)"
            " select %s, * from unnest(%s::text[], %s::text[])"
            " on conflict (repository, spec) do update set version = excluded.version",
            [repository, list(versions), list(versions.values())],
        )
