"""Build logs from a disk: plain, gzipped, or a ZIP archive as GitHub gives of a whole run."""

import gzip
import io
import json
import sys
import zlib
from pathlib import Path

import click

from octobot.github.repository.log_archives import is_archive, log_of
from octobot.model.errors import UserError
from octobot.model.triage import CauseClass
from octobot.triage.evaluate import Case

LARGEST = 64 << 20
"""Bytes of a log that are looked at: its last ones."""
_GZIP = b"\x1f\x8b"
_LABELS = "causes.json"


def read_log(source: str) -> str:
    """Read a log from a file, or from standard input when `source` is `-`."""
    if source == "-":
        return _text(sys.stdin.buffer.read(), "standard input")
    try:
        return _text(Path(source).read_bytes(), source)
    except OSError as error:
        raise UserError(f"{source} cannot be read: {error.strerror}") from error


def read_cases(folder: Path) -> tuple[Case, ...]:
    """Read the labelled logs of a folder: `NAME.log` or `NAME.log.gz`, and `causes.json`."""
    try:
        labels = json.loads((folder / _LABELS).read_text(encoding="utf-8"))
        return tuple(
            Case(
                name=name,
                log=read_log(str(_log_file(folder, name))),
                kind=CauseClass(label["class"]),
                line=int(label["line"]),
                made=str(label.get("set", "")),
            )
            for name, label in sorted(labels.items())
        )
    except OSError as error:
        raise UserError(f"{folder / _LABELS} cannot be read: {error.strerror}") from error
    except (ValueError, KeyError, TypeError, AttributeError) as error:
        raise UserError(f"{folder / _LABELS} is not a table of labels: {error}") from error


def _log_file(folder: Path, name: str) -> Path:
    plain = folder / f"{name}.log"
    return plain if plain.exists() else folder / f"{name}.log.gz"


def _text(data: bytes, source: str) -> str:
    if is_archive(data):
        found = log_of(data, limit=LARGEST)
        if found is None:
            raise UserError(f"{click.format_filename(source)} is not an archive of logs")
        data = found
    elif data.startswith(_GZIP):
        data = _gunzipped(data, source)
    return data[-LARGEST:].decode("utf-8", "replace")


def _gunzipped(data: bytes, source: str) -> bytes:
    """Unpack through a cap: a few kilobytes may claim to hold gigabytes."""
    kept = bytearray()
    try:
        with gzip.GzipFile(fileobj=io.BytesIO(data)) as file:
            while len(kept) <= LARGEST and (chunk := file.read(1 << 16)):
                kept += chunk
    except (OSError, EOFError, zlib.error) as error:
        raise UserError(f"{source} is not a gzipped log: {error}") from error
    return bytes(kept)
