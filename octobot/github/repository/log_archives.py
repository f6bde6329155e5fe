"""Logs in a ZIP archive, as GitHub serves those of a whole run: streamed and capped.

Nothing is unpacked to disk, names in the archive are only compared, and every entry is read up to a
cap: an archive of a few kilobytes may unpack to gigabytes.
"""

import io
import re
import zipfile
import zlib
from collections.abc import Iterator

_ENTRIES = 2000
"""Entries read; a run has at most 256 jobs, each with a few steps."""

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
    ordered = sorted(entries, key=_order)
    texts = [each for each in ordered if each.filename.endswith(".txt")]
    if not job:
        return [each for each in texts if "/" not in each.filename] or texts or ordered
    by_job: dict[tuple[str, bool], list[zipfile.ZipInfo]] = {}
    for each in texts:
        by_job.setdefault(_job_of(each.filename), []).append(each)
    name = _plain(job)
    return by_job.get((name, False), [])[:1] or by_job.get((name, True), [])


def _job_of(filename: str) -> tuple[str, bool]:
    """Return the plain name of the job that a file belongs to, and whether it is of one step."""
    folder, slash, file = filename.rpartition("/")
    name = folder if slash else _NUMBER.sub("", file.removesuffix(".txt"), count=1)
    return _plain(name), bool(slash)


def _order(entry: zipfile.ZipInfo) -> tuple[str, int, str]:
    folder, _, file = entry.filename.rpartition("/")
    number = _NUMBER.match(file)
    return folder, int(number[1]) if number else 0, file


def _plain(name: str) -> str:
    """Return a name without the characters that GitHub drops in file names."""
    return re.sub(r"[^A-Za-z0-9]", "", name).lower()


def _tail(archive: zipfile.ZipFile, entries: list[zipfile.ZipInfo], limit: int) -> bytes:
    end, left = bytearray(), _LARGEST
    for chunk in _chunks(archive, entries):
        left -= len(chunk)
        if left < 0:
            break
        end += chunk
        del end[:-limit]
    return bytes(end)


def _chunks(archive: zipfile.ZipFile, entries: list[zipfile.ZipInfo]) -> Iterator[bytes]:
    for entry in entries:
        with archive.open(entry) as file:
            while chunk := file.read(_CHUNK):
                yield chunk
