"""The tag that a spec builds, sent through the spec's own filters.

A tag that the filters drop, or that becomes another version, shows that no later tag will be
chosen either.
"""

import re
from collections.abc import Iterator, Sequence
from dataclasses import replace

from octobot.model.ids import Version
from octobot.model.package import Package, Upstream
from octobot.model.release import Release, Selection
from octobot.specs.lint.rules import OWN_TAG_DIFFERS, OWN_TAG_DROPPED, PRERELEASE_NAME, Rule
from octobot.specs.read.nodes import Map, Scalar
from octobot.specs.read.sources import PipelineStep, steps, target_of, tied_to_version
from octobot.specs.read.substitution import Scope, Unknown, derives_from_version, evaluate
from octobot.specs.select.newest import PRERELEASE_WORD, newest

Found = tuple[Rule, Map | Scalar, str]
"""A rule, the node that a person must change, and what was found there."""

_REPOSITORY = {"github": "https://github.com/", "git": ""}
# What GitHub serves for a tag: the archive of its tree, and the files of its release.
_GITHUB_FILE = re.compile(
    r"https?://(github\.com/[^/]+/[^/]+)/"
    r"(?:archive/(?:refs/tags/)?(?P<archive>.+?)\.(?:tar\.gz|tgz|zip)|releases/download/(?P<release>.+)/[^/]+)"
)
_OF_A_PRERELEASE = re.compile("alpha|beta|rc|pre")


def of_own_tag(tree: Map, package: Package, known: Scope) -> Iterator[Found]:
    """Check that the selection accepts the tag of the spec's own version.

    A spec at a pre-release may well wait for the next release, so that is no finding.
    """
    tag = own_tag(tree, package.upstream, known)
    selection = chosen(package, tag) if tag and package.update.enabled else None
    if selection is None or package.upstream is None:
        return
    node = (tree.map("update") or Map(0, 1)).keys[package.upstream.datasource]
    because = selection.dropped[0].because if selection.dropped else ""
    if because == PRERELEASE_WORD:
        if not _OF_A_PRERELEASE.search(package.version):
            detail = f"{tag} is dropped as a pre-release, which {package.version} is not."
            yield PRERELEASE_NAME, node, detail
    elif _watches_others(package, tag):
        return
    elif selection.newest is None:
        yield OWN_TAG_DROPPED, node, f"{tag} is dropped: {because}."
    elif selection.newest.version != package.version:
        detail = f"{tag} becomes {selection.newest.version}, the spec has {package.version}."
        yield OWN_TAG_DIFFERS, node, detail


def own_tag(tree: Map, upstream: Upstream | None, known: Scope) -> str:
    """Return the tag of this upstream that the spec builds; empty when it builds no tag of it."""
    repository = _repository(upstream)
    if upstream is None or upstream.kind == "branch" or not repository:
        return ""
    tags = (_tag_of(step, repository, known) for step in steps(tree) if step.part == "pipeline")
    return next((tag for tag in tags if tag), "")


def checkouts_of(tree: Map, upstream: Upstream | None, known: Scope) -> Sequence[PipelineStep]:
    """Return the checkouts of the main pipeline that take an upstream's repository."""
    repository = _repository(upstream)
    return [
        step
        for step in steps(tree)
        if repository and step.part == "pipeline" and step.uses == "git-checkout"
        if bare(evaluated(step, "repository", known)) == repository
    ]


def evaluated(step: PipelineStep, key: str, known: Scope) -> str:
    """Return an input's text, evaluated; empty when that is not known before the build."""
    value = evaluate(step.inputs.text(key), known)
    return "" if isinstance(value, Unknown) else value


def _repository(upstream: Upstream | None) -> str:
    if upstream is None or upstream.datasource not in _REPOSITORY:
        return ""
    return bare(_REPOSITORY[upstream.datasource] + upstream.identifier)


def chosen(package: Package, name: str) -> Selection | None:
    """Return what the update block makes of one name; None when it has an invalid pattern.

    The package's own name is left out of it: it would keep names of other streams away, and the
    rules are about the filters alone.
    """
    selection = newest(replace(package, name="nameless"), [Release(name)])
    return selection if isinstance(selection, Selection) else None


def version_of(package: Package, name: str) -> Version | None:
    """Return the version that the update block makes of a name; None when it drops it."""
    selection = chosen(package, name)
    return selection.newest.version if selection and selection.newest else None


def bare(url: str) -> str:
    """Return an address without scheme, `.git` and upper case, to compare it with another one."""
    return url.partition("://")[2].rstrip("/").removesuffix(".git").lower()


def _watches_others(package: Package, tag: str) -> bool:
    """Return whether the block watches other names of the same versions than the tag's.

    Some upstreams tag a version twice (`v9.4.1` and `release/v9.4.1`), and a spec builds one and
    watches the other.
    """
    filters = package.update.filters
    if tag.startswith(filters.prefix) and tag.startswith(filters.strip_prefix):
        return False
    name = f"{filters.strip_prefix}{package.version}{filters.strip_suffix}"
    return version_of(package, name) is not None


def _tag_of(step: PipelineStep, repository: str, known: Scope) -> str:
    if step.uses == "fetch":
        return _tag_of_file(step.inputs.text("uri"), repository, known)
    if step.uses != "git-checkout" or not tied_to_version(step.inputs, known):
        return ""
    target = target_of(step.inputs, known)
    if isinstance(target, Unknown) or bare(target.repository) != repository:
        return ""
    return target.ref.removeprefix("refs/tags/") if target.ref.startswith("refs/tags/") else ""


def _tag_of_file(template: str, repository: str, known: Scope) -> str:
    uri = evaluate(template, known)
    if isinstance(uri, Unknown) or not derives_from_version(template, known):
        return ""
    found = _GITHUB_FILE.fullmatch(uri)
    if found is None or found.group(1).lower() != repository:
        return ""
    return found["archive"] or found["release"].replace("%2F", "/")
