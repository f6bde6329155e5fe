"""The room against a whole real distro, where its archive is at hand."""

import subprocess
import sys
import tarfile
from collections.abc import Mapping
from functools import cache
from itertools import islice
from pathlib import Path

import pytest

from octobot.model.bump import Bumped
from octobot.model.package import Package
from octobot.model.reasons import Reason
from octobot.specs.bump.bump import rebuild
from octobot.specs.bump.edits import apply, rewrite
from octobot.specs.read.nodes import Map, Node, Scalar, Seq
from octobot.specs.read.nodes import Path as NodePath
from octobot.specs.read.package import read
from octobot.specs.read.parsing import edit_tree, read_tree

ARCHIVE = Path(__file__).parents[3] / "shared" / "data" / "wolfi-os-2026-08-22.tar.gz"
needs_distro = pytest.mark.skipif(not ARCHIVE.exists(), reason="the distro is not at hand")


@cache
def _distro() -> Mapping[str, str]:
    """Return path → text of the specs in the archive's root."""
    with tarfile.open(ARCHIVE) as archive:
        return {
            name: file.read().decode()
            for member in archive
            if (name := member.name.removeprefix("./")).endswith(".yaml")
            if "/" not in name and not name.startswith(".")
            if (file := archive.extractfile(member)) is not None
        }


def _scalars(node: Node, path: NodePath = ()) -> list[tuple[NodePath, Scalar]]:
    match node:
        case Scalar():
            return [(path, node)]
        case Map():
            children = [((*path, key), child) for key, child in node.entries.items()]
        case Seq():
            children = [((*path, index), child) for index, child in enumerate(node.items)]
    return [found for where, child in children for found in _scalars(child, where)]


@needs_distro
def test_every_spec_is_read() -> None:
    """3,401 packages, 3,233 of them watched, each watched one with someone to ask or manual."""
    packages = [read(path, text) for path, text in _distro().items()]
    assert [package for package in packages if isinstance(package, Reason)] == []
    known = [package for package in packages if isinstance(package, Package)]
    assert len(known) == 3401
    watched = [package for package in known if package.update.enabled]
    assert len(watched) == 3233
    assert all(package.upstream or package.update.manual for package in watched)


@needs_distro
@pytest.mark.long
def test_writing_every_scalar_back_changes_nothing() -> None:
    """Both parsers see the same; each scalar's own value in its place makes the same bytes."""
    written = 0
    for path, text in _distro().items():
        fast, tree = read_tree(path, text), edit_tree(path, text)
        assert isinstance(fast, Map)
        assert isinstance(tree, Map)
        scalars = _scalars(tree)
        assert scalars == _scalars(fast)
        edits = [rewrite(scalar, where, scalar.text) for where, scalar in scalars]
        kept = [edit for edit in edits if edit is not None]
        written += len(kept)
        result = apply(path, text, tree, kept)
        assert isinstance(result, Bumped), result
        assert result.text == text
    assert written > 80_000


@needs_distro
def test_a_rebuild_changes_one_line() -> None:
    """In every tenth of the 3,401 specs."""
    for path, text in islice(_distro().items(), 0, None, 10):
        result = rebuild(path, text)
        assert isinstance(result, Bumped)
        lines = zip(text.splitlines(), result.text.splitlines(), strict=True)
        assert sum(before != after for before, after in lines) == 1


_WITHOUT_C = """
import sys
sys.modules["_ruamel_yaml"] = None  # as if ruamel.yaml.clib were not installed
sys.path[:0] = sys.argv[1:]
from tests.specs.bumping import NEW, SPEC, bumped, tag
from octobot.specs.read.parsing import read_tree
import ruamel.yaml
assert ruamel.yaml.main.CParser is None
result = bumped(SPEC, "2", tag("v2")).text
assert NEW in result
"""


def test_the_c_parser_is_not_needed() -> None:
    """Without ruamel.yaml.clib a bump is the same, slower."""
    command = [sys.executable, "-c", _WITHOUT_C, str(Path(__file__).parents[2])]
    subprocess.run(command, check=True, timeout=60)  # noqa: S603  (our own words)
