"""What is wrong or doubtful in a spec's update block, each with its line and a remedy.

A rule reports only where a spec does not do what it seems to say: what cannot be read at all, what
silently results in an empty text, and what keeps the spec's own tag from being a candidate, so that
no later tag will be one either.
"""

from collections.abc import Iterator
from dataclasses import dataclass

from octobot.model.package import Package, UpdateBlock
from octobot.model.reasons import Reason, Where
from octobot.specs.lint import rules
from octobot.specs.lint.own_tag import Found, bare, evaluated, of_own_tag
from octobot.specs.lint.rules import Rule
from octobot.specs.lint.sources import of_sources
from octobot.specs.lint.streams import of_streams, of_strip_prefix
from octobot.specs.read.nodes import Map, Scalar
from octobot.specs.read.package import read
from octobot.specs.read.parsing import read_tree
from octobot.specs.read.patterns import BadPattern, compile_pattern, unknown_groups
from octobot.specs.read.sources import steps
from octobot.specs.read.substitution import own_scope
from octobot.specs.read.update_block import BACKENDS, examine

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
        said = f"{self.detail}{end} {self.rule.remedy}"
        return f"{self.where}: {self.rule.severity}: {self.rule.name}: {said}"


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
        found += _of_backend(checked, package)
        found += [checked.find(*each) for each in _of_package(checked, package)]
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


def _of_package(spec: _Spec, package: Package) -> Iterator[Found]:
    if "update" not in spec.tree.entries:
        yield rules.NO_UPDATE_BLOCK, spec.tree.keys["package"], "nothing is watched."
    yield from of_sources(spec.tree, package, spec.known)
    yield from of_own_tag(spec.tree, package, spec.known)
    yield from of_streams(spec.tree, package, spec.known)
    yield from of_strip_prefix(spec.tree, package, spec.known)


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


def _of_backend(spec: _Spec, package: Package) -> Iterator[Finding]:
    upstream = package.upstream
    if upstream is None:
        if package.update.enabled and not package.update.manual:
            yield spec.find(rules.NO_SOURCE, spec.top, "enabled, but no source is set.")
        return
    if upstream.datasource != "github" or not spec.checkouts:
        return
    own = {bare(evaluated(step, "repository", spec.known)) for step in spec.checkouts}
    if f"github.com/{upstream.identifier.lower()}" not in own:
        node = (spec.update.map("github") or spec.update).scalar("identifier")
        shown = ", ".join(sorted(own))[:200]
        detail = f"{upstream.identifier} is watched, {shown} is checked out."
        yield spec.find(rules.OTHER_SOURCE, node or spec.update, detail)
