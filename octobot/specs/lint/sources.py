"""What a spec is built from: whether it is what the update block watches, pinned and readable."""

from collections.abc import Iterator, Sequence

from octobot.model.addresses import split
from octobot.model.package import Package
from octobot.specs.lint.own_tag import Found, checkouts_of, evaluated
from octobot.specs.lint.rules import BAD_ADDRESS, HELPER_WATCHED, INSECURE_SOURCE, UNPINNED
from octobot.specs.read.nodes import Map
from octobot.specs.read.sources import PipelineStep, holder, steps, tied_to_version
from octobot.specs.read.substitution import Scope, derives_from_version

_ADDRESS = {"git-checkout": "repository", "fetch": "uri"}
_DIGESTS = ("expected-sha256", "expected-sha512", "expected-none")
_SCHEMES = {
    "git-checkout": ("https", "http", "git", "ssh", "file"),
    "fetch": ("https", "http", "ftp"),
}
_HERE = ("", ".", "./")


def of_sources(tree: Map, package: Package, known: Scope) -> Iterator[Found]:
    """Check every source of a spec."""
    for step in steps(tree):
        if step.uses in _ADDRESS:
            yield from _of_address(tree, step, known)
            yield from _of_pins(step, known)
    yield from _of_helpers(tree, package, known)


def _of_address(tree: Map, step: PipelineStep, known: Scope) -> Iterator[Found]:
    key = _ADDRESS[step.uses]
    node, address = step.inputs.scalar(key), evaluated(step, key, known)
    if node is None or not address:
        return
    if not _is_readable(address, _SCHEMES[step.uses]):
        yield BAD_ADDRESS, node, f"{key}: {address[:100]!r}."
    elif step.uses == "git-checkout" and address.startswith(("git://", "http://")):
        held = holder(tree, step, key, "")
        yield INSECURE_SOURCE, held.scalar if held else node, f"{address[:100]}."


def _is_readable(address: str, schemes: Sequence[str]) -> bool:
    parts = split(address)
    if parts is None or any(char.isspace() or not char.isprintable() for char in address):
        return False
    return parts.scheme in schemes and (bool(parts.hostname) or parts.scheme == "file")


def _of_pins(step: PipelineStep, known: Scope) -> Iterator[Found]:
    """Check that what derives from the version is pinned: a bump has nothing to rewrite else."""
    if step.part == "test" or not _is_tied(step, known):
        return
    node = step.node.keys["uses"]
    if step.uses == "fetch" and not any(step.inputs.text(key) for key in _DIGESTS):
        detail = f"{step.inputs.text('uri')[:100]} is fetched without a digest."
        yield UNPINNED, node, detail
    elif step.uses == "git-checkout" and not step.inputs.text("expected-commit"):
        ref = step.inputs.text("tag") or step.inputs.text("branch")
        yield UNPINNED, node, f"{ref[:100]} is checked out without expected-commit."


def _of_helpers(tree: Map, package: Package, known: Scope) -> Iterator[Found]:
    """Check that the watched repository is the package's own, where several are checked out."""
    upstream, block = package.upstream, tree.map("update") or Map(0, 1)
    if upstream is None or upstream.datasource not in ("git", "github"):
        return
    main = [s for s in steps(tree) if s.part == "pipeline" and s.uses in _ADDRESS]
    watched = checkouts_of(tree, upstream, known)
    own = _own_beside(main, watched, known)
    if own and package.update.enabled:
        shown = evaluated(own, _ADDRESS[own.uses], known)[:100]
        detail = f"{evaluated(watched[0], 'repository', known)[:100]} is watched, {shown} is built."
        yield HELPER_WATCHED, block.keys[upstream.datasource], detail


def _own_beside(
    main: Sequence[PipelineStep], watched: Sequence[PipelineStep], known: Scope
) -> PipelineStep | None:
    """Return the source that is the package's own in place of the watched ones, if there is one.

    What does not derive from the version is a helper where another source does; where several do,
    those in a folder of their own are the helpers of the one that is unpacked at the top.
    """
    tied = [step for step in main if _is_tied(step, known)]
    if not watched or any(step in tied and _is_at_the_top(step) for step in watched):
        return None
    others = [step for step in tied if step not in watched]
    if any(step in tied for step in watched):
        others = list(filter(_is_top_checkout, others))
    return others[0] if others else None


def _is_top_checkout(step: PipelineStep) -> bool:
    return step.uses == "git-checkout" and _is_at_the_top(step)


def _is_at_the_top(step: PipelineStep) -> bool:
    return step.inputs.text("destination") in _HERE


def _is_tied(step: PipelineStep, known: Scope) -> bool:
    if step.uses == "fetch":
        return derives_from_version(step.inputs.text("uri"), known)
    return tied_to_version(step.inputs, known)
