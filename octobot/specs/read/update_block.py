"""The `update:` block, read as strictly as melange reads it.

An unknown key is an error there (its decoder knows the fields), so it is one here, with its line.
Templates are evaluated only where the public bot did: the github identifier, the tag filters and
the release monitor's filters; never in `strip-*`, patterns or transforms (MELANGE.md, 1).
"""

import re
from dataclasses import dataclass, field
from typing import Literal, cast

from octobot.model.package import Filters, Schedule, Transform, UpdateBlock
from octobot.model.reasons import Reason, ReasonCode, Where
from octobot.specs.read.nodes import Map, Node, Scalar, Seq
from octobot.specs.read.patterns import BadPattern, compile_pattern
from octobot.specs.read.substitution import Scope, Unknown, evaluate

BACKENDS = ("github", "git", "release-monitor", "oci")
"""In the order in which they win when a block names several."""

_BLOCK = {
    "enabled",
    "manual",
    "require-sequential",
    "shared",
    "exclude-reason",
    "version-separator",
    "ignore-regex-patterns",
    "version-transform",
    "enable-prerelease-tags",
    "schedule",
    "version_data",
    *BACKENDS,
}
_STRIPS = {"strip-prefix", "strip-suffix"}
_TAGS = {"tag-filter", "tag-filter-prefix", "tag-filter-contains"}
_BACKEND_KEYS: dict[str, set[str]] = {
    "github": {"identifier", "use-tag"} | _STRIPS | _TAGS,
    "git": _STRIPS | _TAGS,
    "release-monitor": {"identifier", "version-filter-contains", "version-filter-prefix"} | _STRIPS,
    "oci": {"identifier"} | _STRIPS | _TAGS,
}
# What yaml.v3 decodes into a Go bool.
_TRUE = {"true", "True", "TRUE", "y", "Y", "yes", "Yes", "YES", "on", "On", "ON"}
_FALSE = {"false", "False", "FALSE", "n", "N", "no", "No", "NO", "off", "Off", "OFF", "", "~"}
_NULL = {"", "~", "null", "Null", "NULL"}


_OWNER, _NAME = "[A-Za-z0-9_-]{1,100}", "[A-Za-z0-9_.-]{1,100}"
_REPOSITORY = re.compile(rf"{_OWNER}/(?!{_NAME}\.git$){_NAME}")
"""The identifier of github: no owner there has a dot, and no repository ends in `.git`."""
_ADDRESS = re.compile(
    r"\s*(?:(?:(?:(?:git\+)?https?|git|ssh)://)?(?:[^@/\s]+@)?(?:www\.)?github\.com[/:]+)"
    rf"({_OWNER}/{_NAME}?)(?:\.git)?(?:[/?#]\S*)?\s*",
    re.IGNORECASE,
)
_UNTIDY = re.compile(rf"\s*({_OWNER}/{_NAME}?)(?:\.git)?/?\s*")


@dataclass(frozen=True, slots=True)
class Backend:
    """The source that the block names, evaluated."""

    name: str
    """One of `BACKENDS`."""
    identifier: str = ""
    use_tag: bool = False
    line: int = 1


def read_update_block(
    path: str, spec: Map, known: Scope
) -> tuple[UpdateBlock, Backend | None] | Reason:
    """Read the spec's block; without one the package is simply not enabled."""
    problems, block, backend = examine(path, spec, known)
    return problems[0] if problems else (block, backend)


def examine(
    path: str, spec: Map, known: Scope
) -> tuple[tuple[Reason, ...], UpdateBlock, Backend | None]:
    """Read the spec's block, and return it with all problems in it."""
    node = spec.entries.get("update")
    if node is None or (isinstance(node, Scalar) and node.text in _NULL):
        return (), UpdateBlock(), None
    fields = _Fields(path, node, "update", _BLOCK)
    backend, filters = _backend(fields, known)
    block = UpdateBlock(
        enabled=fields.flag("enabled"),
        manual=fields.flag("manual"),
        require_sequential=fields.flag("require-sequential"),
        shared=fields.flag("shared"),
        exclude_reason=fields.text("exclude-reason"),
        version_separator=fields.text("version-separator"),
        ignore_regex_patterns=_patterns(fields),
        version_transform=_transforms(fields),
        enable_prerelease_tags=fields.flag("enable-prerelease-tags"),
        schedule=_schedule(fields),
        filters=filters,
    )
    return tuple(fields.problems), block, backend


@dataclass(slots=True)
class _Fields:
    """The fields of one mapping; `problems` collects what is wrong."""

    path: str
    node: Node | None
    name: str
    allowed: set[str]
    problems: list[Reason] = field(default_factory=list)
    map: Map = field(init=False)

    def __post_init__(self) -> None:
        self.map = self.node if isinstance(self.node, Map) else Map(0, 1)
        if isinstance(self.node, Seq) or (
            isinstance(self.node, Scalar) and self.node.text not in _NULL
        ):
            self.wrong(self.node.line, f"{self.name} must be a mapping")
        for key, scalar in self.map.keys.items():
            if key not in self.allowed:
                self.wrong(scalar.line, f"{self.name} has no field {key!r}")

    def wrong(self, line: int, detail: str, code: ReasonCode = ReasonCode.BAD_UPDATE_BLOCK) -> None:
        self.problems.append(Reason(code, detail, Where(self.path, line)))

    def line(self, key: str) -> int:
        return self.map.keys[key].line if key in self.map.keys else self.map.line

    def below(self, key: str, allowed: set[str]) -> "_Fields":
        return _Fields(self.path, self.map.entries.get(key), key, allowed, self.problems)

    def text(self, key: str) -> str:
        node = self.map.entries.get(key)
        if node is not None and not isinstance(node, Scalar):
            self.wrong(node.line, f"{key} must be a text")
        return self.map.text(key)

    def flag(self, key: str) -> bool:
        text = self.text(key)
        if text not in _TRUE and text not in _FALSE:
            self.wrong(self.line(key), f"{key} must be true or false")
        return text in _TRUE

    def template(self, key: str, known: Scope) -> str:
        value = evaluate(self.text(key), known)
        if isinstance(value, Unknown):
            self.wrong(self.line(key), str(value), ReasonCode.UNKNOWN_TEMPLATE)
            return ""
        return value

    def list(self, key: str) -> "list[Node]":
        node = self.map.entries.get(key)
        if isinstance(node, Map) or (isinstance(node, Scalar) and node.text not in _NULL):
            self.wrong(node.line, f"{key} must be a list")
        return self.map.items(key)

    def pattern(self, text: str, line: int) -> None:
        found = compile_pattern(text)
        if isinstance(found, BadPattern):
            self.wrong(line, f"{text[:80]!r}: {found.because}", ReasonCode.INVALID_REGEX)


def _patterns(fields: _Fields) -> tuple[str, ...]:
    found: list[str] = []
    for node in fields.list("ignore-regex-patterns"):
        if isinstance(node, Scalar):
            found.append(node.text)
            fields.pattern(node.text, node.line)
        else:
            fields.wrong(node.line, "ignore-regex-patterns must be a list of texts")
    return tuple(found)


def _transforms(fields: _Fields) -> tuple[Transform, ...]:
    found: list[Transform] = []
    for node in fields.list("version-transform"):
        rule = _Fields(
            fields.path, node, "version-transform", {"match", "replace"}, fields.problems
        )
        found.append(Transform(rule.text("match"), rule.text("replace")))
        fields.pattern(rule.text("match"), node.line)
    return tuple(found)


def _schedule(fields: _Fields) -> Schedule | None:
    if "schedule" not in fields.map.entries:
        return None
    schedule = fields.below("schedule", {"period", "reason"})
    period = schedule.text("period")
    if period not in ("daily", "weekly", "monthly"):
        schedule.wrong(schedule.line("period"), "period must be daily, weekly or monthly")
        return None
    return Schedule(cast("Literal['daily', 'weekly', 'monthly']", period), schedule.text("reason"))


def _backend(fields: _Fields, known: Scope) -> tuple[Backend | None, Filters]:
    for name in BACKENDS:
        if name in fields.map.entries:
            part = fields.below(name, _BACKEND_KEYS[name])
            return _identified(part, name, known), _filters(part, known)
    return None, Filters()


def _filters(part: _Fields, known: Scope) -> Filters:
    if part.name == "oci":  # the one backend whose filters are not templates
        known = Scope({}, frozenset())
    prefix = next(
        (
            part.template(key, known)
            for key in ("tag-filter-prefix", "tag-filter", "version-filter-prefix")
            if part.map.text(key)
        ),
        "",
    )
    contains = (
        "version-filter-contains" if part.name == "release-monitor" else "tag-filter-contains"
    )
    return Filters(
        prefix=prefix,
        contains=part.template(contains, known),
        strip_prefix=part.text("strip-prefix"),
        strip_suffix=part.text("strip-suffix"),
    )


def repository_in(address: str) -> str:
    """Return the `owner/name` of an address of a repository on GitHub; empty for anything else."""
    found = _ADDRESS.fullmatch(address) or _UNTIDY.fullmatch(address)
    return found.group(1) if found else ""


def _identified(part: _Fields, name: str, known: Scope) -> Backend:
    github, line = name == "github", part.line("identifier")
    identifier = part.template("identifier", known) if github else part.text("identifier")
    match name:
        case "release-monitor" if not (identifier.isascii() and identifier.isdigit()):
            part.wrong(line, "the identifier of release-monitor is a number")
        case "github" if identifier and not _REPOSITORY.fullmatch(identifier):
            meant = repository_in(identifier)
            hint = f"; write {meant}" if meant else ""
            part.wrong(line, f"{identifier[:200]!r} is not of the form owner/name{hint}")
        case "github" | "oci" if not identifier and not part.problems:
            part.wrong(line, f"{name} needs an identifier")
    return Backend(name, identifier, github and part.flag("use-tag"), line)
