"""What is wrong or doubtful in a spec's update block, each with its line and a remedy.

A rule reports only where a spec does not do what it seems to say: what cannot be read at all, what
silently results in an empty text, and what keeps the spec's own tag from being a candidate, so that
no later tag will be one either.
"""

from collections.abc import Iterator
from dataclasses import dataclass

from octobot.model.addresses import split
from octobot.model.package import Package, UpdateBlock
from octobot.model.reasons import Reason, Where
from octobot.model.release import Release, Selection
from octobot.specs.lint import rules
from octobot.specs.lint.rules import Rule
from octobot.specs.read.nodes import Map, Scalar
from octobot.specs.read.package import read
from octobot.specs.read.parsing import read_tree
from octobot.specs.read.patterns import BadPattern, compile_pattern, unknown_groups
from octobot.specs.read.sources import PipelineStep, steps, target_of, tied_to_version
from octobot.specs.read.substitution import Scope, Unknown, evaluate, own_scope
from octobot.specs.read.update_block import BACKENDS, examine
from octobot.specs.select.newest import PRERELEASE_WORD, newest

_OF_CODE = {
    rule.name: rule
    for rule in (rules.BAD_SPEC, rules.BAD_UPDATE_BLOCK, rules.BAD_PATTERN, rules.UNKNOWN_TEMPLATE)
}


@dataclass(frozen=True, slots=True)
class Finding:
    """One problem in a spec."""

    where: Where
    rule: Rule
    detail: str

    def __str__(self) -> str:
        end = "" if self.detail.endswith(".") else "."
        return f"{self.where}: {self.rule.name}: {self.detail}{end} {self.rule.remedy}"


def lint(path: str, text: str) -> tuple[Finding, ...]:
    """Return all findings in one spec, in the order of its lines."""
    tree = read_tree(path, text)
    if isinstance(tree, Reason):
        return (_refused(path, tree),)
    checked = _Spec(path, tree)
    problems, block, _ = examine(path, tree, checked.known)
    found = [_refused(path, problem) for problem in problems]
    found += [*_of_block(checked, block), *_of_transforms(checked)]
    package = read(path, text)
    if isinstance(package, Package):
        found += [*_of_sources(checked, package), *_of_own_tag(checked, package)]
        found += [*_of_protocols(checked), *_of_addresses(checked)]
    elif not problems:
        found.append(_refused(path, package))
    return tuple(sorted(found, key=lambda each: each.where.line))


class _Spec:
    """A spec's tree with what the rules need of it."""

    def __init__(self, path: str, tree: Map) -> None:
        self.path, self.tree = path, tree
        self.known = own_scope(tree)
        self.update = tree.map("update") or Map(0, 1)
        self.top = tree.keys.get("update", self.update)
        self.checkouts = [step for step in steps(tree) if step.uses == "git-checkout"]

    def find(self, rule: Rule, node: Map | Scalar, detail: str) -> Finding:
        return Finding(Where(self.path, node.line), rule, detail)


def _refused(path: str, reason: Reason) -> Finding:
    rule = _OF_CODE.get(reason.code.value, rules.BAD_UPDATE_BLOCK)
    return Finding(reason.where or Where(path, 1), rule, reason.detail)


def _of_block(spec: _Spec, block: UpdateBlock) -> Iterator[Finding]:
    if "update" not in spec.tree.entries:
        return
    keys = spec.update.keys
    if not block.enabled and not block.exclude_reason:
        yield spec.find(rules.DISABLED, keys.get("enabled", spec.top), "enabled is not true.")
    if block.schedule is not None and not block.schedule.reason:
        yield spec.find(
            rules.SCHEDULE, keys["schedule"], f"{block.schedule.period}, without a reason."
        )
    named = [name for name in BACKENDS if name in keys]
    if len(named) > 1:
        detail = f"{' and '.join(named)}: only {named[0]} counts."
        yield spec.find(rules.TWO_SOURCES, keys[named[1]], detail)
    for name in named:
        backend = spec.update.map(name) or Map(0, 1)
        if "tag-filter" in backend.keys:
            detail = f"tag-filter: {backend.text('tag-filter')[:80]}."
            yield spec.find(rules.TAG_FILTER, backend.keys["tag-filter"], detail)


def _of_transforms(spec: _Spec) -> Iterator[Finding]:
    transforms = (*spec.update.items("version-transform"), *spec.tree.items("var-transforms"))
    for rule in transforms:
        if not isinstance(rule, Map):
            continue
        pattern = compile_pattern(rule.text("match"))
        if not rule.text("match"):
            yield spec.find(rules.EMPTY_MATCH, rule, "match is empty.")
        elif not isinstance(pattern, BadPattern):
            for name in unknown_groups(pattern, rule.text("replace")):
                detail = f"{rule.text('replace')[:80]!r} names the group {name[:80]!r}."
                yield spec.find(rules.UNKNOWN_GROUP, rule.scalar("replace") or rule, detail)


def _of_sources(spec: _Spec, package: Package) -> Iterator[Finding]:
    upstream = package.upstream
    if upstream is None:
        if package.update.enabled and not package.update.manual:
            yield spec.find(rules.NO_SOURCE, spec.top, "enabled, but no source is set.")
        return
    if upstream.datasource != "github" or not spec.checkouts:
        return
    own = {_bare(_evaluated(step, "repository", spec.known)) for step in spec.checkouts}
    if f"github.com/{upstream.identifier.lower()}" not in own:
        node = (spec.update.map("github") or spec.update).scalar("identifier")
        shown = ", ".join(sorted(own))[:200]
        detail = f"{upstream.identifier} is watched, {shown} is checked out."
        yield spec.find(rules.OTHER_SOURCE, node or spec.update, detail)


def _of_protocols(spec: _Spec) -> Iterator[Finding]:
    for step in spec.checkouts:
        repository = step.inputs.scalar("repository")
        if repository and repository.text.startswith(("git://", "http://")):
            yield spec.find(rules.INSECURE_SOURCE, repository, f"{repository.text[:100]}.")


def _of_addresses(spec: _Spec) -> Iterator[Finding]:
    for step in steps(spec.tree):
        for key in _ADDRESSES.get(step.uses, ()):
            address, node = _evaluated(step, key, spec.known), step.inputs.scalar(key)
            if node and split(address) is None:
                yield spec.find(rules.BAD_ADDRESS, node, f"{key}: {address[:100]!r}.")


def _of_own_tag(spec: _Spec, package: Package) -> Iterator[Finding]:
    """Check that the selection accepts the tag of the spec's own version.

    A spec at a pre-release may well wait for the next release, so that is no finding.
    """
    upstream = package.upstream
    if upstream is None or upstream.kind == "branch" or upstream.datasource not in _REPOSITORY:
        return
    tag = _own_tag(spec, _bare(_REPOSITORY[upstream.datasource] + upstream.identifier))
    if not tag or not package.update.enabled or _speaks_of_others(package, tag):
        return
    selection = newest(package, [Release(tag)])
    if not isinstance(selection, Selection):
        return
    node = spec.update.keys[upstream.datasource]
    if selection.newest is None:
        because = selection.dropped[0].because
        if because != PRERELEASE_WORD:
            yield spec.find(rules.OWN_TAG_DROPPED, node, f"{tag} is dropped: {because}.")
    elif selection.newest.version != package.version:
        detail = f"{tag} becomes {selection.newest.version}, the spec has {package.version}."
        yield spec.find(rules.OWN_TAG_DIFFERS, node, detail)


def _speaks_of_others(package: Package, tag: str) -> bool:
    """Return whether the block watches other names of the same versions than the tag's.

    Some upstreams tag a version twice (`v9.4.1` and `release/v9.4.1`), and a spec builds one and
    watches the other.
    """
    filters = package.update.filters
    if tag.startswith(filters.prefix) and tag.startswith(filters.strip_prefix):
        return False
    name = f"{filters.strip_prefix}{package.version}{filters.strip_suffix}"
    found = newest(package, [Release(name)])
    return isinstance(found, Selection) and found.newest is not None


_ADDRESSES = {"git-checkout": ("repository",), "fetch": ("uri",)}
_REPOSITORY = {"github": "https://github.com/", "git": ""}


def _own_tag(spec: _Spec, repository: str) -> str:
    """Return the tag of this repository that the spec builds; empty when it builds no tag."""
    for step in spec.checkouts:
        if step.part != "pipeline" or not tied_to_version(step.inputs, spec.known):
            continue
        target = target_of(step.inputs, spec.known)
        if isinstance(target, Unknown) or _bare(target.repository) != repository:
            continue
        if target.ref.startswith("refs/tags/"):
            return target.ref.removeprefix("refs/tags/")
    return ""


def _evaluated(step: PipelineStep, key: str, known: Scope) -> str:
    value = evaluate(step.inputs.text(key), known)
    return "" if isinstance(value, Unknown) else value


def _bare(url: str) -> str:
    return url.partition("://")[2].rstrip("/").removesuffix(".git").lower()
