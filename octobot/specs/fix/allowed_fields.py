"""What a suggestion may touch in a spec: an allow-list, each entry with its reason.

A log, and a model that read it, can contain text from anybody.  So a suggestion may change what a
build needs to succeed, and nothing that says where sources come from (`repository`, `tag`, `uri`,
`expected-*`, `vars`, `update`), what the package is (`package`), or what is executed (`runs`,
`uses`, `if`).  A value has only characters without a meaning in a shell or in YAML.
"""

import re
from collections.abc import Mapping

from octobot.specs.read.nodes import Path
from octobot.specs.read.sources import PipelineStep

MOST_FIXES = 20
"""Of one suggestion; a person has to read them."""

_OPTIONS = frozenset({"opts"})
_DEPENDENCIES = frozenset({"deps", "replaces", "modroot", "go-version", "tidy", "tidy-compat"})

INPUTS: Mapping[str, frozenset[str]] = {
    # Which patches, and how deep their paths are; the files themselves stay as reviewed.
    "patch": frozenset({"patches", "strip-components"}),
    # Fewer picks, and the history that picks need; never where the source comes from.
    "git-checkout": frozenset({"cherry-picks", "depth"}),
    # 7 % of a distro's bumps change these steps: modules of upstream's own go.mod.
    "go/bump": _DEPENDENCIES,
    "bump": _DEPENDENCIES,
    # Which parts of the source are built, and where they moved to.
    "go/build": frozenset({"packages", "modroot", "tags"}),
    "cargo/build": frozenset({"modroot"}) | _OPTIONS,
    # Switches of the build.
    "cmake/configure": _OPTIONS,
    "cmake/build": _OPTIONS,
    "meson/configure": _OPTIONS,
    "autoconf/configure": _OPTIONS,
    "autoconf/make": _OPTIONS,
    "autoconf/make-install": _OPTIONS,
}
"""Which inputs may change, by the step's `uses`."""

DROPPABLE = frozenset({"patch", "go/bump", "bump"})
"""Steps that may be removed: upstream may already have their changes."""

_PACKAGES = ("environment", "contents", "packages")
PACKAGES = frozenset(
    {
        _PACKAGES,  # what the build needs
        ("test", *_PACKAGES),  # what the tests need
        ("subpackages", "test", *_PACKAGES),
    }
)
"""The keys of the lists of packages for an environment."""

_NAME = re.compile(r"[a-z0-9][a-z0-9+_.-]{0,99}", re.ASCII)
_TEXT = re.compile(r"[A-Za-z0-9._/@+=,~^-]+(?: [A-Za-z0-9._/@+=,~^-]+)*", re.ASCII)
_MODULE = re.compile(r"[A-Za-z0-9][A-Za-z0-9._~-]*(?:/[A-Za-z0-9._~-]+)*", re.ASCII)
_FILE = re.compile(r"[A-Za-z0-9][A-Za-z0-9._+@~-]*(?:/[A-Za-z0-9._+@~-]+)*", re.ASCII)
_LONGEST = 2000

_STEP = re.compile(r"([A-Za-z][A-Za-z0-9-]*)((?:\[[0-9]{1,4}\])*)(\[\+\])?", re.ASCII)
_LONGEST_FIELD = 200

APPEND = -1
"""The index that `[+]` means."""


def keys_of(path: Path) -> tuple[str, ...]:
    """Return a path without its indexes."""
    return tuple(step for step in path if isinstance(step, str))


def may_set(step: PipelineStep, key: str) -> bool:
    """Return whether this input of this step may change."""
    return key in INPUTS.get(step.uses, frozenset())


def is_package_name(text: str) -> bool:
    """Return whether a text is the name of one package."""
    return _NAME.fullmatch(text) is not None


def is_module(text: str) -> bool:
    """Return whether a text looks like the path of a Go module."""
    return len(text) <= _LONGEST_FIELD and _MODULE.fullmatch(text) is not None


def is_file(text: str) -> bool:
    """Return whether a text looks like the name of a patch file in the package's folder."""
    return len(text) <= _LONGEST_FIELD and _FILE.fullmatch(text) is not None


def is_plain_text(text: str) -> bool:
    """Return whether a value has harmless characters only, and no path leaves the source."""
    short = len(text) <= _LONGEST
    return short and _TEXT.fullmatch(text) is not None and ".." not in re.split("[ /=,]", text)


def path_of(field: str) -> Path | None:
    """Read a field's path such as `pipeline[0].with.deps`; None when it is not one."""
    if len(field) > _LONGEST_FIELD:
        return None
    path: list[str | int] = []
    for part in field.split("."):
        found = _STEP.fullmatch(part)
        if found is None:
            return None
        path += [found[1], *map(int, re.findall("[0-9]+", found[2]))]
        path += [APPEND] if found[3] else []
    return tuple(path)
