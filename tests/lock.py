"""The lock files: every package with its version and its hashes, for all platforms and Pythons.

    python tests/lock.py [--check] [--upgrade]

Writes each file of `LOCKS` from `pyproject.toml`; `--check` writes nothing and fails where one is
out of date.  What is locked stays as it is until pyproject.toml asks for something else, or
`--upgrade` for the newest of everything.  uv (`pip install '.[ci]'`) resolves, with an index at
hand; `test_lock.py` holds the files to pyproject.toml without either.
"""

import subprocess
import sys
import tempfile
import tomllib
from collections.abc import Mapping, Sequence
from pathlib import Path

import click

ROOT = Path(__file__).parent.parent
OLDEST = "3.11"
"""The first Python that octobot runs on; uv resolves for it and all later ones."""

RUNTIME = "deploy/requirements.txt"
LOCKS: Mapping[str, tuple[str, ...]] = {
    RUNTIME: ("run",),
    "deploy/build.txt": ("build",),
    ".ci/requirements.txt": ("run", "build", "dev", "ci"),
    ".ci/release.txt": ("build", "release"),
}
"""Lock file → which lists of pyproject.toml are in it; the first one is what users run."""


def asked(kinds: Sequence[str]) -> list[str]:
    """Return the requirements of lists of pyproject.toml; those of an extra by its name."""
    project = tomllib.loads((ROOT / "pyproject.toml").read_text())
    lists: dict[str, list[str]] = {
        **project["project"]["optional-dependencies"],
        "run": project["project"]["dependencies"],
        "build": project["build-system"]["requires"],
    }
    return sorted({each for kind in kinds for each in lists[kind]})


def resolve(name: str, folder: Path, *, upgrade: bool) -> None:
    """Write one lock file into a folder, with what users run as the runtime's lock there has it."""
    command = [
        *(
            sys.executable,
            "-m",
            "uv",
            "--quiet",
            "--no-config",
            "--system-certs",
            "pip",
            "compile",
            "-",
        ),
        *("--universal", "--python-version", OLDEST, "--generate-hashes"),
        *("--custom-compile-command", "python tests/lock.py"),
        *([] if name == RUNTIME else ["--constraint", RUNTIME]),
        *(["--upgrade"] if upgrade else []),
        *("--output-file", name),
    ]
    wanted = "\n".join(asked(LOCKS[name])).encode()
    subprocess.run(  # noqa: S603  (uv, with names that are in this file)
        command, check=True, cwd=folder, input=wanted, stdout=subprocess.DEVNULL
    )


def stale(folder: Path, *, upgrade: bool = False) -> list[str]:
    """Resolve all lock files into a folder; return those that are not what is checked in."""
    for name in LOCKS:
        (folder / name).parent.mkdir(exist_ok=True)
        (folder / name).write_text(_text(ROOT / name))
        resolve(name, folder, upgrade=upgrade)
    return [name for name in LOCKS if _text(ROOT / name) != _text(folder / name)]


def _text(path: Path) -> str:
    return path.read_text() if path.exists() else ""


@click.command()
@click.option("--check", is_flag=True, help="Write nothing; fail where a lock is out of date.")
@click.option("--upgrade", is_flag=True, help="Lock the newest versions that are allowed.")
def main(*, check: bool, upgrade: bool) -> None:
    """Write the lock files."""
    with tempfile.TemporaryDirectory() as folder:
        names = stale(Path(folder), upgrade=upgrade)
        if check and names:
            raise click.ClickException(f"{', '.join(names)}: stale; run python tests/lock.py")
        for name in names:
            (ROOT / name).write_text((Path(folder) / name).read_text())
            click.echo(f"{name}: written")


if __name__ == "__main__":
    main()
