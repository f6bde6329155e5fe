"""How a failing command ends: with one line and a status, never with a traceback.

An error that has a remedy states it.  Any other is a bug of octobot or an unforeseen state of this
machine: its traceback goes into a file, with secrets masked, and the line names the file.  Only the
standard library is imported, so that errors of other imports are reported the same way.
"""

import os
import re
import stat
import sys
import tempfile
import traceback
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from datetime import UTC, datetime
from pathlib import Path
from types import TracebackType

from octobot.app.masking import masked
from octobot.model.errors import Misconfigured, TryLater, UserError
from octobot.settings import home_of

REFUSED = 2
INTERRUPTED = 130
"""The status that shells report for a command that SIGINT ended."""
UNFORESEEN = 70
"""`EX_SOFTWARE` of sysexits.h."""

LOG = "errors.log"
LARGEST = 1 << 20
"""Bytes; a larger log is truncated, since nobody rotates it."""

WIDE = 400
"""Characters of an error that are printed; the log has them all."""

_CONFIDENTIAL = re.compile("KEY|SECRET|TOKEN|PASSWORD|DATABASE_URL")
_PASSWORD = re.compile(r"://[^/@\s:]*:([^/@\s]+)@|password\s*=\s*('[^']*'|\S+)")
SHORT = 4
"""Characters of a value that is too short to mask: it could be any word."""


@contextmanager
def in_one_line() -> Iterator[None]:
    """Run a command; whatever it raises is printed in one line, and becomes its status."""
    _show_every_character()
    try:
        try:
            yield
        finally:
            _flush()
    except SystemExit:
        raise
    except BaseException as error:  # noqa: BLE001  (none may leave a traceback)
        sys.exit(report(error))


def report(error: BaseException) -> int:
    """Print the error on standard error; return the exit status."""
    error = _decisive(error)
    match error:
        case KeyboardInterrupt():
            # `python -m` ends by SIGINT, whatever the status, when the last text that was executed
            # was interrupted: that may be a dataclass of a command that was just imported.
            exec("")  # noqa: S102
            return _print("interrupted", INTERRUPTED)
        case UserError():
            return _print(str(error), REFUSED)
        case Misconfigured() | TryLater():
            return _print(_one_line(str(error)), REFUSED)
        case OSError() if error.strerror:  # of this machine: no such file, no permission, no space
            named = (error.strerror, error.filename)
            return _print(_one_line(": ".join(str(part) for part in named if part)), REFUSED)
    what = _one_line(f"{type(error).__name__}: {error}".rstrip(": "))
    return _print(f"unexpected error: {masked(what, _secrets())}; {_logged(error)}", UNFORESEEN)


def _decisive(error: BaseException) -> BaseException:
    """Return the most important error of a group: an unforeseen one, if there is one."""
    if not isinstance(error, BaseExceptionGroup):
        return error
    parts = [_decisive(part) for part in error.exceptions]
    foreseen = (UserError, Misconfigured, TryLater, OSError)
    return next((part for part in parts if not isinstance(part, foreseen)), parts[0])


def _print(words: str, status: int) -> int:
    with suppress(OSError, ValueError):  # standard error may be closed
        print(f"octobot: {words}", file=sys.stderr, flush=True)  # noqa: T201  (the one line)
    return status


def _one_line(text: str) -> str:
    """Return the text in one line, without control characters."""
    shown = " ".join("".join(each if each.isprintable() else " " for each in text).split())
    return shown if len(shown) <= WIDE else f"{shown[:WIDE]}…"


def _logged(error: BaseException) -> str:
    """Write the traceback to the log, in a temporary file if need be; return where it is."""
    text = masked("".join(traceback.format_exception(error)), _secrets())
    entry = f"{datetime.now(UTC).isoformat()} octobot {os.getpid()}\n{text}\n"
    for open_log in (_log_at_home, _temporary_log):
        with suppress(OSError, Misconfigured):
            handle, path = open_log()
            with os.fdopen(handle, "w", encoding="utf-8", errors="backslashreplace") as file:
                file.write(entry)
            return f"the log with its traceback is {path}"
    return "no log could be written; set OCTOBOT_HOME to a folder that octobot may write to"


def _log_at_home() -> tuple[int, Path]:
    home = home_of()
    home.mkdir(parents=True, exist_ok=True)
    path = home.absolute() / LOG
    # Neither through a link that somebody put there, nor into a pipe that nobody reads.
    flags = os.O_WRONLY | os.O_CREAT | os.O_APPEND | os.O_NOFOLLOW | os.O_NONBLOCK
    handle = os.open(path, flags, 0o600)
    try:
        found = os.fstat(handle)
        if not stat.S_ISREG(found.st_mode) or found.st_nlink != 1:
            raise FileExistsError(path)
        os.fchmod(handle, 0o600)
        if found.st_size > LARGEST:
            os.ftruncate(handle, 0)
    except OSError:
        os.close(handle)
        raise
    return handle, path


def _temporary_log() -> tuple[int, Path]:
    handle, path = tempfile.mkstemp(prefix="octobot-", suffix=".log")
    return handle, Path(path)


def _secrets() -> list[str]:
    """Return all secrets of the environment, even where its settings are wrong."""
    texts = []
    for name, value in os.environ.items():
        if _CONFIDENTIAL.search(name):
            texts.append(value)
            texts += [part for found in _PASSWORD.findall(value) for part in found]
        if _CONFIDENTIAL.search(name) and name.endswith("_FILE") and Path(value).is_file():
            with suppress(OSError):
                texts.append(Path(value).read_text("utf-8", "replace"))
    lines = {line.strip() for text in texts for line in (text, *text.splitlines())}
    return sorted((line for line in lines if len(line) >= SHORT), key=len, reverse=True)


def _show_every_character() -> None:
    """Show what a terminal's encoding lacks by its number: a file's name may be anything."""
    for stream in (sys.stdout, sys.stderr):
        if reconfigure := getattr(stream, "reconfigure", None):
            reconfigure(errors="backslashreplace")


def _flush() -> None:
    """Write out what was printed: on a full disk that fails here, and not in a traceback later."""
    if sys.stdout is None or sys.stdout.closed:
        return
    try:
        sys.stdout.flush()
    except OSError as error:
        with suppress(OSError, ValueError):  # what is left goes nowhere
            os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        if not isinstance(error, BrokenPipeError):  # whose reader had enough
            raise


def _hook(_: type[BaseException], error: BaseException, __: TracebackType | None) -> None:
    sys.exit(report(error))


sys.excepthook = _hook
