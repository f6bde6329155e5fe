"""A spec's text to a `Package`.

Anybody who may open a pull request can write the text, so nothing of it is used before the parser's
guards and the version grammar accepted it.  A spec that cannot be read is a reason with file and
line, and never stops the others.
"""

import re

from octobot.model.ids import Sha, Version
from octobot.model.package import Package, Pin, UpdateBlock, Upstream
from octobot.model.reasons import Reason
from octobot.model.version import parse
from octobot.specs.read.nodes import Map
from octobot.specs.read.parsing import bad_spec, read_tree
from octobot.specs.read.sources import (
    PipelineStep,
    first_checkout,
    follows_branch,
    holder,
    repeats_too_much,
    steps,
    target_of,
)
from octobot.specs.read.substitution import Scope, Unknown, evaluate, scope
from octobot.specs.read.update_block import Backend, read_update_block

_NAME = re.compile(r"[a-zA-Z0-9][a-zA-Z0-9+_.-]*")
"""melange pkg/config, packageNameRegex."""
_COMMIT = re.compile(r"[0-9a-f]{40}")
_EPOCH = re.compile(r"[0-9]{1,9}")


def read(path: str, text: str) -> Package | Reason:
    """Read one spec; `path` is its path in the distro, `NAME.yaml`."""
    tree = read_tree(path, text)
    if isinstance(tree, Reason):
        return tree
    return _package(path, tree)


def identity(path: str, spec: Map) -> tuple[str, Version, int] | Reason:
    """Return name, version and epoch of a spec, or why octobot does not work on it."""
    package = spec.map("package")
    if package is None:
        return bad_spec(path, spec.line, "there is no package")
    name, epoch = package.text("name"), package.text("epoch")
    version = parse(package.text("version"))
    if not _NAME.fullmatch(name) or path.rpartition("/")[2] != f"{name}.yaml":
        line = _line(package, "name")
        return bad_spec(path, line, f"the package {name[:80]!r} does not belong in this file")
    if version is None:
        line = _line(package, "version")
        return bad_spec(path, line, f"{package.text('version')[:80]!r} is not a version")
    if not _EPOCH.fullmatch(epoch):
        return bad_spec(path, _line(package, "epoch"), f"{epoch[:80]!r} is not an epoch")
    if repeats_too_much(spec):
        return bad_spec(path, spec.keys["data"].line, "ranges repeat the steps too often")
    return name, version, int(epoch)


def _package(path: str, spec: Map) -> Package | Reason:
    known_as = identity(path, spec)
    if isinstance(known_as, Reason):
        return known_as
    name, version, epoch = known_as
    known = scope(spec, version, str(epoch))
    read_block = read_update_block(path, spec, known)
    if isinstance(read_block, Reason):
        return read_block
    block, backend = read_block
    return Package(
        name=name,
        version=version,
        epoch=epoch,
        path=path,
        update=block,
        upstream=_upstream(spec, block, backend, known),
        pins=_pins(spec, known),
    )


def _line(package: Map, key: str) -> int:
    return package.keys[key].line if key in package.keys else package.line


def _upstream(
    spec: Map, block: UpdateBlock, backend: Backend | None, known: Scope
) -> Upstream | None:
    if backend is None:
        return None
    match backend.name:
        case "github":
            return Upstream("github", backend.identifier, "tags" if backend.use_tag else "releases")
        case "release-monitor":
            return Upstream("release-monitor", backend.identifier, "releases")
        case "oci":
            return Upstream("oci", backend.identifier, "tags")
        case _:
            return _git(spec, block, known)


def _git(spec: Map, block: UpdateBlock, known: Scope) -> Upstream | None:
    step = first_checkout(spec)
    if step is None:
        return None
    repository = evaluate(step.inputs.text("repository"), known)
    if isinstance(repository, Unknown) or not repository:
        return None
    # Filters speak of tags: such a block asks for tags even when the checkout takes a branch.
    tags = block.filters.prefix or block.filters.contains or block.filters.strip_prefix
    if tags or not follows_branch(step.inputs, known):
        return Upstream("git", repository, "tags")
    branch = evaluate(step.inputs.text("branch"), known)
    return None if isinstance(branch, Unknown) else Upstream("git", repository, "branch", branch)


def _pins(spec: Map, known: Scope) -> tuple[Pin, ...]:
    return tuple(
        pin
        for step in steps(spec)
        if step.uses == "git-checkout" and "expected-commit" in step.inputs.entries
        for here, key in step.scopes(known)
        if (pin := _pin(spec, step, here, key)) is not None
    )


def _pin(spec: Map, step: PipelineStep, known: Scope, key: str) -> Pin | None:
    target = target_of(step.inputs, known)
    held = holder(spec, step, "expected-commit", key)
    if isinstance(target, Unknown) or held is None or not target.repository:
        return None
    if not _COMMIT.fullmatch(held.scalar.text):
        return None
    return Pin(target.repository, target.ref, Sha(held.scalar.text), held.scalar.line)
