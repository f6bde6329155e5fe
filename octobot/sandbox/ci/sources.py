"""The part of a build that this CI really runs: fetch sources, compare pins, apply patches.

The workspace is a git index in a scratch repository that borrows the upstreams' objects: nothing is
checked out, and `git apply --cached` decides whether a patch still applies.

A step is skipped with a note in the log when the sandbox cannot check it: it has a template that is
not evaluated here, or an untouched pin on an upstream that was never provided.  Whatever the change
touched must exist and match.
"""

import hashlib
import io
import tarfile
from collections.abc import Awaitable, Callable
from dataclasses import dataclass, field
from pathlib import Path
from typing import Protocol

from octobot.model.ids import Sha
from octobot.sandbox.ci.log import Log
from octobot.sandbox.ci.spec import Spec, Step
from octobot.sandbox.git.git import GitAnswer, ask_git
from octobot.sandbox.upstreams import git
from octobot.sandbox.upstreams.upstreams import PLACEHOLDER_DATE, Download, Source

_FOREIGN = "not among the sandbox's upstreams, and untouched by this change: skipped"
_UNKNOWN = "holds a template that this CI does not evaluate: skipped"


class Upstreams(Protocol):
    """Where sources come from."""

    def locate(self, url: str) -> Source | None:
        """Return the repository of a URL."""

    def download(self, uri: str) -> Download | None:
        """Return the file at an address."""


@dataclass(slots=True)
class Workspace:
    """The sources of one build, gathered step by step."""

    scratch: Path
    """A bare repository for this build only."""
    borrowed: list[Path] = field(default_factory=list)
    whole: bool = True
    """False once a source is missing, a placeholder or modified: then patches prove nothing."""

    async def add(self, git_dir: Path, commit: str, folder: str) -> None:
        """Put the files of a commit into a folder of the workspace."""
        self.borrowed.append(git_dir)
        lines = "".join(f"{path / 'objects'}\n" for path in self.borrowed)
        (self.scratch / "objects/info/alternates").write_text(lines)
        listed = await git.run_git(self.scratch, "ls-tree", "-r", "-z", "--full-tree", commit)
        prefix = b"" if folder in {"", "."} else folder.strip("/").encode() + b"/"
        moved = listed.replace(b"\t", b"\t" + prefix)
        await git.run_git(self.scratch, "update-index", "-z", "--index-info", stdin=moved)

    async def patch(self, content: bytes, *, strip: str, folder: str) -> GitAnswer:
        """Apply one patch and return git's answer."""
        # melange patches with a fuzz of 2, which leaves one of three lines of context.
        options = ["--cached", "--verbose", "-C1", f"-p{strip}"]
        options += [f"--directory={folder}"] if folder not in {"", "."} else []
        return await ask_git(self.scratch, "apply", *options, stdin=content)


@dataclass(frozen=True, slots=True)
class _Wanted:
    """What a `git-checkout` step asks for."""

    repository: str
    ref: str
    expected: str
    """The commit that the ref is pinned to; empty when it is not pinned."""


def _wanted(step: Step) -> _Wanted | None:
    """Evaluate the inputs of a `git-checkout` step; None when a template in one is unknown."""
    names = ("repository", "tag", "branch", "expected-commit")
    repository, tag, branch, expected = (step.value(name) for name in names)
    if repository is None or tag is None or branch is None or expected is None:
        return None
    ref = f"refs/tags/{tag}" if tag else f"refs/heads/{branch}" if branch else "HEAD"
    return _Wanted(repository, ref, expected)


@dataclass(frozen=True, slots=True)
class Build:
    """The sources of one spec, being examined."""

    log: Log
    upstreams: Upstreams
    workspace: Workspace
    untouched: frozenset[tuple[str, ...]]
    """The steps of the spec before the change, evaluated."""
    patch_file: Callable[[str], Awaitable[bytes | None]]
    """Reads a file of the package's own folder in the distro."""

    async def run(self, spec: Spec) -> None:
        """Go through all steps that name a source; findings go to the log."""
        for step in spec.steps:
            match step.uses:
                case "git-checkout":
                    await self._checkout(step)
                case "fetch":
                    await self._fetch(step)
                case "patch":
                    await self._patch(step)
                case _ if not step.in_test:
                    # It would modify the sources, and this CI runs no commands.
                    self.workspace.whole = False
                case _:
                    pass

    async def _checkout(self, step: Step) -> None:
        self._announce(step, step.value("repository"))
        wanted = _wanted(step)
        if wanted is None:
            self._skip(step, _UNKNOWN)
            return
        source = self.upstreams.locate(wanted.repository)
        found = await git.resolve(source.git_dir, wanted.ref) if source else None
        if source is None or found is None:
            self._missing(step, f"[git checkout] {wanted.repository} has no {wanted.ref}")
            return
        self.log.melange(f"[git checkout] {wanted.ref} of {wanted.repository} is {found}")
        if await self._agrees(step, source, found, wanted.expected) and not step.in_test:
            self.workspace.whole &= not source.placeholder and "cherry-picks" not in step.inputs
            await self.workspace.add(
                source.git_dir, wanted.expected or found, step.value("destination") or ""
            )

    async def _agrees(self, step: Step, source: Source, found: Sha, expected: str) -> bool:
        if not expected:
            self.log.melange("[git checkout] no expected-commit to compare with", level="WARN")
            return True
        if expected == found:
            return True
        known = git.OBJECT_ID.fullmatch(expected) and await git.resolve(source.git_dir, expected)
        if not known and evaluated(step) in self.untouched:
            self._skip(step, _FOREIGN)
            return False
        # A branch moves on; what was pinned on it stays true.
        if known and not step.value("tag") and await _contains(source.git_dir, found, known):
            return True
        self.log.fail(f"[git checkout] expected commit {expected}, got {found}")
        return False

    async def _fetch(self, step: Step) -> None:
        uri, sha256, sha512 = (
            step.value(name) for name in ("uri", "expected-sha256", "expected-sha512")
        )
        self._announce(step, uri)
        if uri is None or sha256 is None or sha512 is None:
            self._skip(step, _UNKNOWN)
            return
        file = self.upstreams.download(uri)
        if file is None:
            self._missing(step, f"[fetch] {uri}: HTTP 404")
            return
        wrong = _differences(file.content, {"sha256": sha256, "sha512": sha512})
        if wrong and evaluated(step) in self.untouched and file.placeholder:
            self._skip(step, _FOREIGN)
            return
        for text in wrong:
            self.log.fail(f"[fetch] {uri}: {text}")
        if not wrong:
            self.log.melange(f"[fetch] {uri}: {len(file.content)} bytes, digest matches")
            await self._unpack(step, file)

    async def _unpack(self, step: Step, file: Download) -> None:
        if step.in_test:
            return
        self.workspace.whole &= not file.placeholder
        if step.value("extract") == "false":
            return
        members = _members(file.content, int(step.value("strip-components", "1") or 1))
        if members is None:
            self.workspace.whole = False
            return
        scratch = self.workspace.scratch
        commit = git.Commit(
            "Unpack", PLACEHOLDER_DATE, members, branch=f"unpacked-{len(self.workspace.borrowed)}"
        )
        await git.write(scratch, [commit])
        await self.workspace.add(scratch, f"refs/heads/{commit.branch}", step.folder)

    async def _patch(self, step: Step) -> None:
        patches, series = step.value("patches"), step.value("series")
        self._announce(step, patches or series)
        if step.in_test or not self.workspace.whole:
            self.log.melange(
                "[patch] the sources are not as they would be here: skipped", level="WARN"
            )
            return
        names = (patches or "").split()
        if series:
            listed = await self.patch_file(series) or b""
            names += [line for line in listed.decode().split("\n") if line and line[0] != "#"]
        for name in names:
            await self._apply(step, name)

    async def _apply(self, step: Step, name: str) -> None:
        content = await self.patch_file(name)
        if content is None:
            self.log.fail(f"[patch] {name}: No such file or directory")
            return
        self.log.melange(f"[patch] Applying {name}")
        strip = step.value("strip-components", "1") or "1"
        answer = await self.workspace.patch(content, strip=strip, folder=step.folder)
        # melange logs a step's error output as warnings.
        self.log.melange(answer.err, level="WARN")
        if answer.code:
            self.log.fail(f"[patch] {name} does not apply: exit status {answer.code}")

    def _announce(self, step: Step, what: str | None) -> None:
        self.log.melange(f'running step "{step.uses}"')
        self.log.melange(f"{step.where}: {what or ''}".rstrip(": \n"))

    def _missing(self, step: Step, because: str) -> None:
        if evaluated(step) in self.untouched:
            self._skip(step, _FOREIGN)
            return
        self.log.fail(because)

    def _skip(self, step: Step, because: str) -> None:
        if not step.in_test:
            self.workspace.whole = False
        self.log.melange(f"{step.where}: {because}", level="WARN")


def evaluated(step: Step) -> tuple[str, ...]:
    """Return what identifies a step before and after a change: its inputs, evaluated."""
    pairs = sorted((name, step.value(name) or text) for name, text in step.inputs.items())
    return (step.uses, *(text for pair in pairs for text in pair))


async def _contains(git_dir: Path, head: str, commit: str) -> bool:
    answer = await ask_git(git_dir, "merge-base", "--is-ancestor", commit, head)
    return answer.code == 0


def _differences(content: bytes, expected: dict[str, str]) -> list[str]:
    """Return a sentence for each digest that differs; an empty one is not compared."""
    found = {name: hashlib.new(name, content).hexdigest() for name in expected}
    return [
        f"expected {name} {digest}, got {found[name]}"
        for name, digest in expected.items()
        if digest and digest != found[name]
    ]


def _members(content: bytes, strip: int) -> dict[str, bytes] | None:
    """Read the regular files of a tar, its leading folders stripped; None when it is not a tar."""
    try:
        with tarfile.open(fileobj=io.BytesIO(content)) as tar:
            files = [(entry.name, tar.extractfile(entry)) for entry in tar if entry.isreg()]
            read = {name: file.read() for name, file in files if file}
    except tarfile.TarError:
        return None
    stripped = {"/".join(name.split("/")[strip:]): data for name, data in read.items()}
    return {name: data for name, data in stripped.items() if name}
