"""The values of `${{...}}`, as far as they are known before a build.

melange knows `package.*`, `vars.*` and the results of `var-transforms` (melange pkg/config, vars.go
and buildConfigMap); inside a ranged subpackage also `range.key` and `range.value`; under an `if:`
on the architecture, `build.arch`.  Everything else (`targets.*`, `host.*`, `subpkg.*`) is known
only while building: such a template is `Unknown`, never an empty text.
"""

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace

from octobot.specs.read.nodes import Map
from octobot.specs.read.patterns import BadPattern, compile_pattern, fits

_TEMPLATE = re.compile(r"\$\{\{ *([A-Za-z0-9._-]+) *\}\}")
_OF_THE_VERSION = frozenset({"package.version", "package.full-version"})
_ROUNDS = 2
"""Values of vars may hold templates themselves; melange substitutes twice, on reading and on
building, so two levels is what it resolves."""
LONGEST_VALUE = 4096
"""Characters of an evaluated text: a few vars that name each other many times over would grow
without end."""


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

    def with_names(self, names: Mapping[str, str | Unknown]) -> "Scope":
        """Return a scope with these names added."""
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
    held = spec.map("vars") or Map(0, 1)
    values |= {f"vars.{name}": held.text(name) for name in held.entries}
    nested = {n: text for n, text in values.items() if isinstance(text, str) and "${{" in text}
    known = _Knowing(values, set(_OF_THE_VERSION), nested)
    known.resolve()
    for rule in spec.items("var-transforms"):
        if isinstance(rule, Map):
            known.transform(rule)
    known.resolve()
    return Scope(values, frozenset(known.tied))


def own_scope(spec: Map) -> Scope:
    """Evaluate the spec's vars and var-transforms for its own version."""
    package = spec.map("package") or Map(0, 1)
    return scope(spec, package.text("version"), package.text("epoch"))


@dataclass(slots=True)
class _Knowing:
    """A scope in the making."""

    values: dict[str, str | Unknown]
    tied: set[str]
    nested: dict[str, str]
    """The vars that hold templates, as they are written."""

    def resolve(self) -> None:
        """Evaluate the vars that hold templates."""
        for _ in range(_ROUNDS if self.nested else 0):
            for name, template in self.nested.items():
                self.values[name] = _evaluate(template, self.values)
                self._tie(name, template)

    def transform(self, rule: Map) -> None:
        """Set the var of one var-transform."""
        name = f"vars.{rule.text('to')}"
        self.values[name] = _transformed(rule, name, self.values)
        self.nested.pop(name, None)
        self.tied.discard(name)
        self._tie(name, rule.text("from"))

    def _tie(self, name: str, template: str) -> None:
        if not self.tied.isdisjoint(names_in(template)):
            self.tied.add(name)


def evaluate(template: str, known: Scope) -> str | Unknown:
    """Replace every `${{...}}`; the first one that is not known is the answer."""
    return _evaluate(template, known.values) if "${{" in template else template


def names_in(template: str) -> Iterator[str]:
    """Yield the names between `${{` and `}}`."""
    return (match.group(1) for match in _TEMPLATE.finditer(template))


def derives_from_version(template: str, known: Scope) -> bool:
    """Return whether a template contains the version, also through vars and transforms."""
    return "${{" in template and not known.of_the_version.isdisjoint(names_in(template))


def _evaluate(template: str, values: Mapping[str, str | Unknown]) -> str | Unknown:
    done: list[str] = []
    position = length = 0
    for match in _TEMPLATE.finditer(template):
        value = values.get(match.group(1), Unknown(match.group(1)))
        if isinstance(value, Unknown):
            return value
        if "${{" in value:
            return Unknown(match.group(1), "holds a template that is not known")
        done += [template[position : match.start()], value]
        position = match.end()
        length += len(value)
        if length > LONGEST_VALUE:
            return Unknown(match.group(1), "makes too long a text")
    text = "".join((*done, template[position:]))
    return Unknown(text.partition("${{")[2][:40], "is not closed") if "${{" in text else text


def _transformed(rule: Map, name: str, values: Mapping[str, str | Unknown]) -> str | Unknown:
    source = _evaluate(rule.text("from"), values)
    if isinstance(source, Unknown):
        return source
    pattern = compile_pattern(rule.text("match"))
    if isinstance(pattern, BadPattern):
        return Unknown(name, f"has a bad pattern: {pattern.because}")
    if not (fits(source) and fits(rule.text("replace"))):
        return Unknown(name, "is made from too long a text")
    return pattern.replace_all(source, rule.text("replace"))
