"""Which spec is built, run and tested with which: a distro as a graph.

A name that a spec needs is a package, a subpackage or what one of them provides.  Where several
provide it, apk decides: a package of that very name, then the highest `provider-priority`, then the
highest version.
"""

import re
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from functools import cached_property, lru_cache

from octobot.model.version import Order, compare, is_full_version, order_key
from octobot.specs.graph.needs import Needs

_NEED = re.compile(r"([^=<>~@!\s]+)(?:@[^=<>~\s]+)?(?:([=<>~]{1,2})([^=<>~\s]+))?")
_OPERATORS: Mapping[str, str] = {"==": "=", "~=": "~", "=~": "~"}
"""Other ways to write an operator."""
_ITSELF = 1 << 62
"""The priority of a package under its own name: above all that provide it."""


@dataclass(frozen=True, slots=True)
class Provider:
    """A package that a name may mean."""

    spec: str
    package: str
    version: str
    priority: int


@dataclass(frozen=True, slots=True)
class Need:
    """A name that a spec needs, taken apart."""

    name: str
    operator: str = ""
    version: str = ""


@lru_cache(maxsize=1 << 16)
def need(text: str) -> Need | None:
    """Take `foo`, `foo=1.2-r3`, `foo<2` or `foo@local` apart; None for `!foo` and what is odd."""
    match = _NEED.fullmatch(text)
    if match is None:
        return None
    operator = match[2] or ""
    return Need(match[1], _OPERATORS.get(operator, operator), match[3] or "")


class Graph:
    """The specs of a distro, and which of them need which."""

    def __init__(self, specs: Iterable[Needs]) -> None:
        """Index the specs by all names that they build."""
        self.specs: Mapping[str, Needs] = {each.name: each for each in specs}
        self._resolved: dict[str, Provider | None] = {}

    @cached_property
    def providers(self) -> Mapping[str, tuple[Provider, ...]]:
        """Every name that is built → the packages it may mean, the one to install first."""
        found: dict[str, list[Provider]] = {}
        for each in self.specs.values():
            for package, made in each.packages.items():
                own = Provider(each.name, package, each.full_version, _ITSELF)
                found.setdefault(package, []).append(own)
                for text in made.provides:
                    if provided := need(text):
                        provider = Provider(each.name, package, provided.version, made.priority)
                        found.setdefault(provided.name, []).append(provider)
        return {
            name: tuple(sorted(every, key=_rank) if len(every) > 1 else every)
            for name, every in found.items()
        }

    def provider(self, text: str) -> Provider | None:
        """Return the package that is installed for a need; None when nothing provides it.

        A version that nobody has any more is still in the built repository: then the name counts.
        """
        if text not in self._resolved:
            wanted = need(text)
            every = self.providers.get(wanted.name, ()) if wanted else ()
            fitting = (each for each in every if wanted and _fits(each, wanted))
            self._resolved[text] = next(fitting, every[0] if every else None)
        return self._resolved[text]

    @cached_property
    def build(self) -> Mapping[str, frozenset[str]]:
        """Spec → the other specs that it is built with."""
        return {name: self._others(name, each.build) for name, each in self.specs.items()}

    @cached_property
    def run(self) -> Mapping[str, frozenset[str]]:
        """Spec → the other specs that its packages depend on when installed."""
        return {name: self._others(name, each.runtime) for name, each in self.specs.items()}

    @cached_property
    def test(self) -> Mapping[str, frozenset[str]]:
        """Spec → the other specs that it is tested with."""
        return {name: self._others(name, each.test) for name, each in self.specs.items()}

    @cached_property
    def unresolved(self) -> Mapping[str, Mapping[str, tuple[str, ...]]]:
        """What nothing provides: `build`, `run` and `test` → name → the specs that need it."""
        found: dict[str, dict[str, set[str]]] = {"build": {}, "run": {}, "test": {}}
        for each in self.specs.values():
            for kind, needs in (("build", each.build), ("run", each.runtime), ("test", each.test)):
                for text in needs:
                    wanted = need(text)
                    if wanted and wanted.name not in self.providers:
                        found[kind].setdefault(wanted.name, set()).add(each.name)
        return {
            kind: {name: tuple(sorted(names[name])) for name in sorted(names)}
            for kind, names in found.items()
        }

    def users(self, packages: Iterable[str]) -> Iterator[tuple[str, str, tuple[str, ...]]]:
        """Yield each spec that builds with one of the packages, the need, and its pipelines.

        What a spec names exactly wins over what only provides a name that it needs.
        """
        wanted = frozenset(packages)
        for name, each in self.specs.items():
            found = [
                (provider.package not in text, text)
                for text in each.build
                if (provider := self.provider(text)) and provider.package in wanted
            ]
            if found:
                text = min(found)[1]
                yield name, text, each.build[text]

    def _others(self, name: str, needs: Iterable[str]) -> frozenset[str]:
        found = {each.spec for text in needs if (each := self.provider(text))}
        return frozenset(found - {name})


def _rank(provider: Provider) -> tuple[int, "_Descending", str]:
    return -provider.priority, _Descending(provider.version), provider.spec


class _Descending:
    """Orders versions from the highest down; what is no version comes last."""

    __slots__ = ("_key",)

    def __init__(self, version: str) -> None:
        self._key: Order | None = order_key(version) if is_full_version(version) else None

    def __lt__(self, other: "_Descending") -> bool:
        if self._key is None or other._key is None:
            return self._key is not None and other._key is None
        return self._key > other._key

    def __eq__(self, other: object) -> bool:
        return isinstance(other, _Descending) and self._key == other._key

    def __hash__(self) -> int:
        return hash(self._key)


def _fits(provider: Provider, wanted: Need) -> bool:
    if not wanted.operator or wanted.version == provider.version:
        return wanted.operator not in ("<", ">")
    if wanted.operator == "~":
        rest = provider.version.removeprefix(wanted.version)
        return rest != provider.version and not rest[:1].isdigit()
    if not (is_full_version(provider.version) and is_full_version(wanted.version)):
        return False
    order = compare(provider.version, wanted.version)
    return order < 0 if "<" in wanted.operator else order > 0 and ">" in wanted.operator
