"""Logs out of a ZIP archive, as GitHub serves those of a whole run: streamed and capped.

Nothing is ever unpacked to disk, names in the archive are only compared, and every entry is read
through a cap: an archive of a few kilobytes may claim to hold gigabytes.
"""

import io
import re
import zipfile
import zlib
from collections.abc import Iterator

_ENTRIES = 2000
"""Entries looked at; a run has at most 256 jobs, each with a few steps."""

_LARGEST = 64 << 20
"""Bytes that are unpacked of one archive in all."""

_CHUNK = 1 << 16
_MAGIC = b"PK\x03\x04"
_BROKEN = (zipfile.BadZipFile, zlib.error, NotImplementedError, RuntimeError, EOFError, ValueError)
"""What Python's reader raises on archives that are cut off, encrypted, or made to confuse."""

_NUMBER = re.compile(r"([0-9]{1,6})_")


def is_archive(data: bytes) -> bool:
    """Return whether these bytes begin as a ZIP archive does."""
    return data.startswith(_MAGIC)


def log_of(data: bytes, job: str = "", *, limit: int) -> bytes | None:
    """Return the last `limit` bytes of a job's log, or of all logs when no job is named.

    GitHub puts a job's whole log at `N_JOB.txt`, and its steps' at `JOB/N_STEP.txt`.  None when the
    archive cannot be read or has no such job.
    """
    try:
        with zipfile.ZipFile(io.BytesIO(data)) as archive:
            entries = [each for each in archive.infolist()[:_ENTRIES] if not each.is_dir()]
            wanted = _wanted(entries, job)
            if not wanted:
                return None
            return _tail(archive, wanted, limit)
    except _BROKEN:
        return None


def _wanted(entries: list[zipfile.ZipInfo], job: str) -> list[zipfile.ZipInfo]:
    texts = sorted((each for each in entries if each.filename.endswith(".txt")), key=_order)
    whole = [each for each in texts if "/" not in each.filename]
    if not job:
        return whole or texts or sorted(entries, key=_order)
    name = _plain(job)
    mine = [each for each in whole if _plain(_NUMBER.sub("", each.filename[:-4], count=1)) == name]
    steps = [each for each in texts if _plain(each.filename.rpartition("/")[0]) == name]
    return mine[:1] or steps


def _order(entry: zipfile.ZipInfo) -> tuple[str, int, str]:
    folder, _, file = entry.filename.rpartition("/")
    number = _NUMBER.match(file)
    return folder, int(number[1]) if number else 0, file


def _plain(name: str) -> str:
    """Reduce a name to what GitHub keeps of it in file names."""
    return re.sub(r"[^A-Za-z0-9]", "", name).lower()


def _tail(archive: zipfile.ZipFile, entries: list[zipfile.ZipInfo], limit: int) -> bytes:
    kept, left = bytearray(), _LARGEST
    for chunk in _chunks(archive, entries):
        left -= len(chunk)
        if left < 0:
            break
        kept += chunk
        del kept[:-limit]
    return bytes(kept)


def _chunks(archive: zipfile.ZipFile, entries: list[zipfile.ZipInfo]) -> Iterator[bytes]:
    for entry in entries:
        with archive.open(entry) as file:
            while chunk := file.read(_CHUNK):
                yield chunk
