"""The repository's own settings: `.github/octobot.yaml` read strictly, with the place of any fault.

The file decides what is merged without a person, so nothing in it is guessed: an unknown key, a
value of the wrong kind, a repeated key, an anchor, an alias or a tag makes the whole file
unreadable, and the reason names the line and the remedy.  Every scalar is read as text; YAML's
own forms of numbers and booleans (`on`, `1_0`, `0o7`) never apply.  `config.keys` has the table of
all keys.
"""

from collections.abc import Mapping, Sequence
from datetime import timedelta
from fnmatch import fnmatchcase
from functools import lru_cache
from types import MappingProxyType
from typing import Any, TypeVar, cast

from octobot.model.config import Ages, Config, PackagePolicy, PackageRule
from octobot.model.package import Upstream
from octobot.model.reasons import Reason, ReasonCode, Where
from octobot.model.verdict import JumpSize
from octobot.policy.config.keys import KEYS
from octobot.policy.config.mappings import mapping
from octobot.policy.config.scalars import Faults
from octobot.policy.config.yaml_text import compose

_T = TypeVar("_T")

PATH = ".github/octobot.yaml"
"""Where the file lives, on the default branch."""


def read(text: str, *, path: str = PATH) -> Config | Reason:
    """Return the settings in a text (for an empty one the defaults), or the first fault."""
    values = read_values(text)
    return reason_of(values, path) if isinstance(values, Faults) else config_of(values)


@lru_cache(maxsize=32)  # read at every step of every package, and seldom another
def read_values(text: str) -> Mapping[str, object] | Faults:
    """Return the values that the file sets, by field, without defaults."""
    root = compose(text)
    if root is None or isinstance(root, Faults):
        return root or {}
    values = mapping(root, KEYS)
    return values if isinstance(values, Faults) else MappingProxyType(values)


def config_of(values: Mapping[str, object]) -> Config:
    """Return the settings with `values` in place of the defaults."""
    return Config(**cast("Any", values))


def reason_of(faults: Faults, path: str = PATH) -> Reason:
    """Return the first fault, and how many more there are."""
    first, *more = faults.all
    others = f" (and {len(more)} more)" if more else ""
    return Reason(ReasonCode.BAD_CONFIG, first.says + others, Where(path, first.line))


def for_package(config: Config, name: str) -> PackagePolicy:
    """Return the settings of one package: each matching rule overrides what it sets."""
    rules = [rule for rule in config.packages if fnmatchcase(name, rule.match)]
    listed = any(fnmatchcase(name, pattern) for pattern in config.approval)
    ages = [config.minimum_release_age, *(rule.minimum_release_age for rule in rules)]
    major, minor, patch = _age(ages, "major"), _age(ages, "minor"), _age(ages, "patch")
    return PackagePolicy(
        automerge=_last([rule.automerge for rule in rules], config.automerge),
        approval=_last([rule.approval for rule in rules], listed),
        minimum_release_age=max(major, minor, patch),
        hold=_last([rule.hold for rule in rules], None),
        second_source=_last([_second_source(rule) for rule in rules], None),
        ages=Ages(major, minor, patch),
        vulnerability_release_age=_last(
            [rule.vulnerability_release_age for rule in rules], config.vulnerability_release_age
        ),
        largest_jump=_last([rule.largest_jump for rule in rules], config.largest_jump),
    )


_DEFAULT_AGE = timedelta(hours=24)
"""The age for a size without a setting."""


def _age(ages: Sequence[timedelta | Ages | None], size: JumpSize) -> timedelta:
    """Return the last age that is set for jumps of this size."""
    for age in reversed(ages):
        match age, size:
            case Ages(major=timedelta() as set_age), "major":
                return set_age
            case Ages(minor=timedelta() as set_age), "minor":
                return set_age
            case Ages(patch=timedelta() as set_age), "patch":
                return set_age
            case timedelta() as set_age, _:
                return set_age
            case _:
                pass
    return _DEFAULT_AGE


def _second_source(rule: PackageRule) -> Upstream | None:
    if rule.datasource is None or rule.identifier is None:
        return None
    return Upstream(rule.datasource, rule.identifier, "releases")


def _last(overrides: Sequence[_T | None], default: _T) -> _T:
    return next((value for value in reversed(overrides) if value is not None), default)
