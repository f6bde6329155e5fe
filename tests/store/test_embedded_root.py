"""As root the embedded server runs as another user, and parent folders may exclude that user."""

import os
import shutil
from pathlib import Path

import psycopg
import pytest

from octobot.store.engine import embedded

pytestmark = pytest.mark.skipif(os.geteuid() != 0, reason="only root's server has another user")


@pytest.fixture
def closed(short: Path) -> Path:
    """Return a folder that lets nobody in but root."""
    folder = short / "closed"
    folder.mkdir(mode=0o700)
    return folder


def test_a_folder_closed_to_others_serves_and_stays_closed(closed: Path) -> None:
    """Root's own folder is for root alone: nobody opens it to let the database in."""
    server = embedded.start(closed / "home")
    try:
        _use(server.url)
    finally:
        server.cleanup()
    assert closed.stat().st_mode & 0o077 == 0


def test_a_folder_that_is_closed_later_changes_nothing(short: Path) -> None:
    """Whoever tightens a folder above does not take the database from those that use it."""
    above = short / "above"
    above.mkdir(mode=0o755)
    first = embedded.start(above / "home")
    try:
        with psycopg.connect(first.url) as before:
            above.chmod(0o700)
            before.execute("create table kept (n int)")
            before.commit()
            second = embedded.start(above / "home")
            _use(second.url)
            assert second.get_pid() == first.get_pid()
            second.cleanup()
    finally:
        first.cleanup()
    assert not (above / "home" / "postgres" / "postmaster.pid").exists()
    again = embedded.start(above / "home")
    try:
        _use(again.url)
    finally:
        again.cleanup()
    assert above.stat().st_mode & 0o077 == 0


def test_programs_that_are_closed_later_are_opened_again(short: Path) -> None:
    """The programs lie where octobot is installed; a backend reads its libraries there."""
    above = short / "installed"
    installed = embedded.Embedded(short / "home").bin_path.parent
    libraries = installed.parent.with_name(f"{installed.parent.name}.libs")
    programs = above / installed.parent.name / "postgres" / "bin"
    shutil.copytree(installed, programs.parent)
    shutil.copytree(libraries, above / libraries.name)
    server = embedded.Embedded(short / "home", programs)
    for folder in (above, above / libraries.name, programs.parent):
        folder.chmod(0o700)
    server.start()
    try:
        above.chmod(0o700)
        assert not embedded.revive(server)
        _use(server.url)
    finally:
        server.cleanup()


def _use(url: str) -> None:
    """Use a new connection, a new file and a library that is read when it is needed."""
    with psycopg.connect(url) as connection:
        connection.execute("create table if not exists used as select generate_series(1, 9) as n")
        connection.execute("do $$ begin perform count(*) from used; end $$")
