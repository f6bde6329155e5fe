"""What `${{...}}` stands for, as far as it is known before a build.

melange knows `package.*`, `vars.*` and the results of `var-transforms` (melange pkg/config, vars.go
and buildConfigMap); inside a ranged subpackage also `range.key` and `range.value`; under an `if:`
on the architecture, `build.arch`.  Everything else (`targets.*`, `host.*`, `subpkg.*`) is known
only while building: such a template is `Unknown`, never an empty text.
"""

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace

from octobot.specs.nodes import Map
from octobot.specs.patterns import BadPattern, compile_pattern, fits

_TEMPLATE = re.compile(r"\$\{\{ *([A-Za-z0-9._-]*) *\}\}")
_OF_THE_VERSION = frozenset({"package.version", "package.full-version"})
_DEEPEST = 4
"""Values of vars may hold templates themselves; melange resolves two levels."""


@dataclass(frozen=True, slots=True)
class Unknown:
    """A template that cannot be evaluated."""

    name: str
    because: str = "is not known before the build"

    def __str__(self) -> str:
        return f"${{{{{self.name}}}}} {self.because}"


@dataclass(frozen=True, slots=True)
class Scope:
    """The names known for one spec at one version."""

    values: Mapping[str, str | Unknown]
    of_the_version: frozenset[str]
    """The names whose value derives from the version."""

    def with_names(self, names: Mapping[str, str]) -> "Scope":
        """Give a scope that knows `names` as well."""
        return replace(self, values={**self.values, **names}) if names else self


def scope(spec: Map, version: str, epoch: str) -> Scope:
    """Evaluate the spec's vars and var-transforms for a version."""
    package = spec.map("package") or Map(0, 1)
    values: dict[str, str | Unknown] = {
        "package.name": package.text("name"),
        "package.version": version,
        "package.epoch": epoch,
        "package.full-version": f"{version}-r{epoch}",
        "package.description": package.text("description"),
    }
    tied = set(_OF_THE_VERSION)
    held = spec.map("vars") or Map(0, 1)
    for name in held.entries:
        value = held.text(name)
        values[f"vars.{name}"] = value
        if "${{" in value and not tied.isdisjoint(names_in(value)):
            tied.add(f"vars.{name}")
    for rule in spec.items("var-transforms"):
        if isinstance(rule, Map):
            name = f"vars.{rule.text('to')}"
            values[name] = _transformed(rule, Scope(values, frozenset()))
            tied.discard(name)
            if not tied.isdisjoint(names_in(rule.text("from"))):
                tied.add(name)
    return Scope(values, frozenset(tied))


def evaluate(template: str, known: Scope) -> str | Unknown:
    """Replace every `${{...}}`; the first one that is not known is the answer."""
    return _evaluate(template, known, _DEEPEST) if "${{" in template else template


def names_in(template: str) -> Iterator[str]:
    """Yield the names between `${{` and `}}`."""
    return (match.group(1) for match in _TEMPLATE.finditer(template))


def derives_from_version(template: str, known: Scope) -> bool:
    """Tell whether a template mentions the version, be it through vars and their transforms."""
    return "${{" in template and not known.of_the_version.isdisjoint(names_in(template))


def _evaluate(template: str, known: Scope, levels: int) -> str | Unknown:
    done: list[str] = []
    position = 0
    for match in _TEMPLATE.finditer(template):
        value = _value(match.group(1), known, levels)
        if isinstance(value, Unknown):
            return value
        done += [template[position : match.start()], value]
        position = match.end()
    text = "".join((*done, template[position:]))
    return Unknown(text.partition("${{")[2][:40], "is not closed") if "${{" in text else text


def _value(name: str, known: Scope, levels: int) -> str | Unknown:
    value = known.values.get(name, Unknown(name))
    if isinstance(value, Unknown) or "${{" not in value:
        return value
    return _evaluate(value, known, levels - 1) if levels else Unknown(name, "refers to itself")


def _transformed(rule: Map, known: Scope) -> str | Unknown:
    name = f"vars.{rule.text('to')}"
    source = evaluate(rule.text("from"), known)
    if isinstance(source, Unknown):
        return source
    pattern = compile_pattern(rule.text("match"))
    if isinstance(pattern, BadPattern):
        return Unknown(name, f"has a bad pattern: {pattern.because}")
    if not (fits(source) and fits(rule.text("replace"))):
        return Unknown(name, "is made from too long a text")
    return pattern.replace_all(source, rule.text("replace"))
