"""Read specs from a directory, a tarball or one file, and write one back atomically."""

import lzma
import os
import tarfile
import tempfile
import zlib
from collections.abc import Sequence
from pathlib import Path

import click

from octobot.model.errors import UserError

LARGEST = 1 << 20
"""Bytes; a larger file is no spec and is read as far as this, so that it is refused visibly."""

PIPELINES = "pipelines"
"""The folder of a distro's own pipelines."""

SPECS = click.argument("source", metavar="PATH", type=click.Path(exists=True, path_type=Path))
NAMES = click.argument("names", metavar="[NAME]...", nargs=-1)
"""The arguments of a command that reads specs: what `read_specs` takes."""


def read_specs(source: Path, names: Sequence[str] = ()) -> dict[str, str]:
    """Return path → text of each `NAME.yaml` in the root of a directory or tarball, or of one file.

    With `names` only those packages; a name without a file is a `UserError`, and so is a source
    without any spec: nobody means the wrong folder, of which all would be fine.  Beside one file
    others may be named, as a shell does for `specs/*.yaml`.
    """
    if is_spec(source):
        names = [source.name, *(_beside(source, name) for name in names)]
        source = source.parent
    wanted = {name.removesuffix(".yaml") + ".yaml" for name in names}
    specs = _of_tarball(source) if source.is_file() else _of_directory(source, wanted)
    if missing := sorted(wanted - specs.keys()):
        raise UserError(f"no such spec in {source}: {', '.join(missing)}")
    if not specs:
        raise UserError(f"there is no spec, NAME.yaml, in {source}")
    return {path: specs[path] for path in sorted(wanted or specs)}


def read_with_pipelines(source: Path) -> dict[str, str]:
    """Return path → text of all specs in the root, and of the distro's own `pipelines/**.yaml`."""
    if source.is_file():
        files = _of_tarball(source, PIPELINES)
    else:
        files = _of_directory(source, set()) | _pipelines_of(source)
    if not any("/" not in path for path in files):
        raise UserError(f"there is no spec, NAME.yaml, in {source}")
    return files


def folder_of(source: Path) -> Path:
    """Return the folder that the paths of a source's specs are relative to."""
    return source.parent if is_spec(source) else source


def is_spec(source: Path) -> bool:
    """Return whether a source is one spec and not a collection."""
    return source.suffix == ".yaml" and source.is_file()


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


def _beside(source: Path, name: str) -> str:
    return Path(name).name if Path(name).parent == source.parent else name


def _of_directory(source: Path, wanted: set[str]) -> dict[str, str]:
    if not source.is_dir():
        raise UserError(f"{source} is neither a directory nor a tarball")
    files = sorted(
        file
        for file in source.glob("*.yaml")
        if file.is_file() and not file.is_symlink() and not file.name.startswith(".")
        if not wanted or file.name in wanted
    )
    return {file.name: _text(_head(file)) for file in files}


def _pipelines_of(source: Path) -> dict[str, str]:
    folder = source / PIPELINES
    return {
        file.relative_to(source).as_posix(): _text(_head(file))
        for file in sorted(folder.rglob("*.yaml"))
        if file.is_file() and not file.is_symlink() and not folder.is_symlink()
    }


def _head(file: Path) -> bytes:
    with file.open("rb") as stream:
        return stream.read(LARGEST + 1)


def _of_tarball(source: Path, folder: str = "") -> dict[str, str]:
    """Read the root's specs, and all below one folder where it is named.

    A single top folder, as forges make them, counts as the root.
    """
    try:
        with tarfile.open(source) as archive:
            members = [m for m in archive if m.isfile() and m.name.endswith(".yaml")]
            parts = {m.name: Path(m.name).parts for m in members}
            root = min((len(p) for p in parts.values()), default=0)
            specs = {}
            for member in members:
                inner = parts[member.name][max(root - 1, 0) :]
                if _is_wanted(inner, folder) and (stream := archive.extractfile(member)):
                    specs["/".join(inner)] = _text(stream.read(LARGEST + 1))
    except (tarfile.TarError, EOFError, zlib.error, lzma.LZMAError) as error:
        raise UserError(f"{source} is no directory, no NAME.yaml and no whole tarball") from error
    return dict(sorted(specs.items()))


def _is_wanted(inner: Sequence[str], folder: str) -> bool:
    """Return whether a path below the root is one of its specs, or below the folder."""
    below = len(inner) == 1 or (folder != "" and inner[0] == folder)
    return below and not inner[-1].startswith(".")


def _text(data: bytes) -> str:
    """Decode; bytes that are not UTF-8 stay visible as such, and the reader refuses them."""
    return data.decode("utf-8", "surrogateescape")
