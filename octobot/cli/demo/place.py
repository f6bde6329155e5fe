"""Where a demo lives: a folder of its distro's own, in which one demo runs at a time.

A demo that was killed continues when it is started again, so the folder must hold the same distro:
another one's packages would otherwise be shown as this one's.
"""

import fcntl
import hashlib
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path

from octobot.model.errors import UserError
from octobot.settings import read_settings


@contextmanager
def place_for(files: Mapping[str, bytes], home: Path | None) -> Iterator[Path]:
    """Return the folder, `home` if it is given; `UserError` where it is another demo's."""
    mark = _mark(files)
    place = home or read_settings().home / f"demo-{mark[:8]}"
    place.mkdir(parents=True, exist_ok=True)
    with (place / "demo.lock").open("a+") as lock:
        try:
            fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            because = f"a demo is running in {place} already; give this one another --home"
            raise UserError(because) from None
        lock.seek(0)
        if lock.read() not in ("", mark):
            raise UserError(f"in {place} lives the demo of another distro; give another --home")
        lock.truncate(0)
        lock.write(mark)
        lock.flush()
        yield place


def _mark(files: Mapping[str, bytes]) -> str:
    digest = hashlib.sha256()
    for path, content in sorted(files.items()):
        digest.update(f"{path}\0{len(content)}\0".encode())
        digest.update(content)
    return digest.hexdigest()
