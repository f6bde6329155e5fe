"""Raw files and archives as forges serve them from a repository, packed reproducibly.

GitLab, Gitea and GitHub show the file of a ref at addresses of their own; the sandbox serves all of
them from the repository's git.
"""

import io
import struct
import tarfile
import zlib
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Literal

from octobot.sandbox.upstreams import git

_PACKED = datetime(2026, 1, 1, tzinfo=UTC)


@dataclass(frozen=True, slots=True)
class Page:
    """A page that shows a repository's content."""

    kind: Literal["raw", "archive"]
    repository: str
    rest: str
    """`REF/PATH` for a raw file, `REF.tar.gz` for an archive."""


_PAGES: tuple[tuple[str, Literal["raw", "archive"]], ...] = (
    ("/-/raw/", "raw"),
    ("/raw/tag/", "raw"),
    ("/raw/branch/", "raw"),
    ("/raw/", "raw"),
    ("/archive/", "archive"),
)
"""GitLab's, Gitea's and GitHub's addresses of raw files, and GitHub's of archives."""


def recognise(host: str, path: str) -> Page | None:
    """Return the page of an address; None when it is another kind."""
    if host == "raw.githubusercontent.com":
        owner, _, rest = path.partition("/")
        name, _, rest = rest.partition("/")
        return Page("raw", f"https://github.com/{owner}/{name}", rest)
    for mark, kind in _PAGES:
        repository, found, rest = path.partition(mark)
        if found:
            return Page(kind, f"https://{host}/{repository}", rest)
    return None


async def read(page: Page, git_dir: Path) -> bytes | None:
    """Return the page's content; None when the ref or the file does not exist."""
    if page.kind == "archive":
        return await _archive(git_dir, page.rest, page.repository)
    return await _raw(git_dir, page.rest)


async def _raw(git_dir: Path, rest: str) -> bytes | None:
    """Read `REF/PATH`; a ref may itself hold slashes, so the first split that exists is used."""
    parts = rest.split("/")
    for cut in range(1, len(parts)):
        content = await git.read(git_dir, "/".join(parts[:cut]), "/".join(parts[cut:]))
        if content is not None:
            return content
    return None


async def _archive(git_dir: Path, rest: str, repository: str) -> bytes | None:
    """Pack a ref as GitHub's `archive/refs/tags/REF.tar.gz` does."""
    ref = rest.removesuffix(".tar.gz")
    if ref == rest or (commit := await git.resolve(git_dir, ref)) is None:
        return None
    folder = f"{repository.rpartition('/')[2]}-{ref.rpartition('/')[2].removeprefix('v')}"
    tar = await git.run_git(git_dir, "archive", "--format=tar", f"--prefix={folder}/", commit)
    return gzipped(tar)


def packed(files: Mapping[str, bytes]) -> bytes:
    """Pack files into a `.tar.gz` whose bytes are the same on every machine."""
    buffer = io.BytesIO()
    with tarfile.open(fileobj=buffer, mode="w", format=tarfile.USTAR_FORMAT) as tar:
        for path, content in sorted(files.items()):
            entry = tarfile.TarInfo(path)
            entry.size = len(content)
            entry.mtime = int(_PACKED.timestamp())
            tar.addfile(entry, io.BytesIO(content))
    return gzipped(buffer.getvalue())


def gzipped(content: bytes) -> bytes:
    """Wrap bytes as gzip without compressing: compressors differ, stored blocks do not."""
    blocks = [content[at : at + 0xFFFF] for at in range(0, len(content), 0xFFFF)] or [b""]
    stored = b"".join(
        struct.pack("<BHH", at == len(blocks) - 1, len(block), len(block) ^ 0xFFFF) + block
        for at, block in enumerate(blocks)
    )
    head = b"\x1f\x8b\x08\x00\x00\x00\x00\x00\x00\xff"
    return head + stored + struct.pack("<II", zlib.crc32(content), len(content) & 0xFFFFFFFF)
