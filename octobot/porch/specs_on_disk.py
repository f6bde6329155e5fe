"""Read a distro's specs from a directory or tarball, and write one back atomically."""

import os
import tarfile
import tempfile
from collections.abc import Sequence
from pathlib import Path

from octobot.model.errors import UserError

LARGEST = 1 << 20
"""Bytes; a larger file is no spec and is read as far as this, so that it is refused visibly."""


def read_specs(source: Path, names: Sequence[str] = ()) -> dict[str, str]:
    """Give path → text of each `NAME.yaml` in the root of a directory or tarball.

    With `names` only those packages; a name without a file is a `UserError`.
    """
    specs = _of_tarball(source) if source.is_file() else _of_directory(source)
    if not names:
        return specs
    wanted = {name.removesuffix(".yaml") + ".yaml" for name in names}
    if missing := sorted(wanted - specs.keys()):
        raise UserError(f"no such spec in {source}: {', '.join(missing)}")
    return {path: specs[path] for path in sorted(wanted)}


def replace_text(path: Path, text: str) -> None:
    """Put `text` in place of a file's: all of it or, whatever happens, nothing of it.

    A file inside a tarball is a `UserError`.
    """
    if not path.is_file():
        raise UserError(f"{path} is not a file that can be written")
    handle, temporary = tempfile.mkstemp(dir=path.parent, prefix=f".{path.name}.")
    try:
        with os.fdopen(handle, "w", encoding="utf-8", newline="") as file:
            file.write(text)
            file.flush()
            os.fsync(file.fileno())
        Path(temporary).chmod(path.stat().st_mode & 0o777)
        Path(temporary).replace(path)
    except BaseException:
        Path(temporary).unlink(missing_ok=True)
        raise


def _of_directory(source: Path) -> dict[str, str]:
    if not source.is_dir():
        raise UserError(f"{source} is neither a directory nor a tarball")
    files = sorted(
        file
        for file in source.glob("*.yaml")
        if file.is_file() and not file.is_symlink() and not file.name.startswith(".")
    )
    return {file.name: _text(_head(file)) for file in files}


def _head(file: Path) -> bytes:
    with file.open("rb") as stream:
        return stream.read(LARGEST + 1)


def _of_tarball(source: Path) -> dict[str, str]:
    """Read the root's specs; a single top folder, as forges make them, counts as the root."""
    try:
        with tarfile.open(source) as archive:
            members = [m for m in archive if m.isfile() and m.name.endswith(".yaml")]
            parts = {m.name: Path(m.name).parts for m in members}
            root = min((len(p) for p in parts.values()), default=0)
            specs = {}
            for member in members:
                name = parts[member.name][-1]
                stream = archive.extractfile(member)
                if len(parts[member.name]) == root and stream and not name.startswith("."):
                    specs[name] = _text(stream.read(LARGEST + 1))
    except tarfile.TarError as error:
        raise UserError(f"{source} is not a tarball: {error}") from error
    return dict(sorted(specs.items()))


def _text(data: bytes) -> str:
    """Decode; bytes that are not UTF-8 stay visible as such, and the reader refuses them."""
    return data.decode("utf-8", "surrogateescape")
