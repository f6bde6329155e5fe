"""octobot on every PostgreSQL that it supports; those that nobody fetched are left out."""

import os
from collections.abc import Iterator

import psycopg
import pytest

from octobot.model.errors import Misconfigured
from octobot.store.engine import migrate as migrations
from octobot.store.engine.migrate import migrate, revisions
from tests.databases import Databases, own_folder
from tests.postgres.versions import REQUIRED, SUPPORTED, TOO_OLD, programs_of
from tests.sampling import sampled

LIFE = 61
"""Commands that change the schema which a connection survives: more than any migration has."""

MORTAL = f"""
create sequence changes;
create function die() returns event_trigger language plpgsql as $$
begin
    if nextval('public.changes') % {LIFE} = 0 then
        perform pg_terminate_backend(pg_backend_pid());
    end if;
end $$;
create event trigger mortal on ddl_command_end execute function die();
"""

IMMORTAL = "drop event trigger mortal; drop function die; drop sequence changes"

SCHEMA = """
select 'column', table_name || '.' || column_name, data_type || coalesce(column_default, '')
    from information_schema.columns where table_schema = 'public'
union all
select 'index', indexname, indexdef from pg_indexes where schemaname = 'public'
union all
select 'function', oid::regprocedure::text, md5(prosrc) from pg_proc
    where pronamespace = 'public'::regnamespace
union all
select 'enum', enumtypid::regtype::text, string_agg(enumlabel, ',' order by enumsortorder)
    from pg_enum group by 2
union all
select 'trigger', tgrelid::regclass::text, pg_get_triggerdef(oid) from pg_trigger
    where not tgisinternal
"""


def _server(version: str) -> Iterator[Databases]:
    try:
        programs = programs_of(version)
    except FileNotFoundError as error:
        if REQUIRED in os.environ:
            raise
        pytest.skip(str(error))
    with own_folder() as folder:
        databases = Databases(folder, programs)
        yield databases
        databases.close()


@pytest.fixture(scope="module", params=sampled(SUPPORTED, 4))
def server(request: pytest.FixtureRequest) -> Iterator[Databases]:
    """Start each of the supported servers in turn."""
    yield from _server(request.param)


@pytest.fixture(scope="module")
def too_old() -> Iterator[Databases]:
    """Start a server that is not supported any more."""
    yield from _server(TOO_OLD)


def test_rows_survive_every_migration(server: Databases) -> None:
    """Each migration commits, and the next ones find its rows in place."""
    with server.fresh("template1") as url:
        for revision in revisions():
            migrate(url, to=revision)
            with psycopg.connect(url) as connection:
                connection.execute(
                    (migrations.folder() / "samples" / f"{revision}.sql").read_bytes()
                )
        with psycopg.connect(url) as connection:
            (jobs,) = connection.execute("select count(*) from procrastinate_jobs").fetchone() or ()
        assert jobs
        assert _schema(url) == _schema(server.make())


def test_a_death_in_the_middle_of_migrating_is_made_good_by_the_next_start(
    server: Databases,
) -> None:
    """Wherever the connection dies, what was committed stays; the next start continues there."""
    deaths = 0
    with server.fresh("template1") as url:
        _tell(url, MORTAL)
        while _dies(url):
            deaths += 1
            assert deaths < 100, "no start comes any further"
        _tell(url, IMMORTAL)
        assert deaths > 2
        assert _schema(url) == _schema(server.make())


def test_foreign_tables_of_the_queue_are_not_taken_for_octobots(server: Databases) -> None:
    """A database in which somebody else's procrastinate lives is refused as it is."""
    with server.fresh("template1") as url:
        _tell(url, "create table procrastinate_jobs (theirs int)")
        with pytest.raises(Misconfigured, match="that octobot did not make"):
            migrate(url)


def test_a_server_that_is_too_old_is_refused_in_a_line(too_old: Databases) -> None:
    """It is reported with its version and what to do, before anything is written."""
    with too_old.fresh("template1") as url:
        with pytest.raises(Misconfigured, match=r"is PostgreSQL 13\.\d+ .* needs 14 or newer"):
            migrate(url)
        assert not _schema(url)


def _dies(url: str) -> bool:
    try:
        migrate(url)
    except Exception:  # noqa: BLE001  (whichever of three libraries says it)
        return True
    return False


def _tell(url: str, statements: str) -> None:
    with psycopg.connect(url) as connection:
        connection.execute(statements.encode())


def _schema(url: str) -> set[tuple[str, ...]]:
    with psycopg.connect(url) as connection:
        return set(connection.execute(SCHEMA).fetchall())
