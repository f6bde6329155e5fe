"""How an upstream names its tags: what stands before a version, the version, what stands behind.

`v1.2`, `release-1.2` and `hello_1_2-final` may be names of one project's versions, `chart-1.2` is
another one's.  Only names of final versions are read.
"""

import re
from dataclasses import dataclass

from octobot.model.ids import Version
from octobot.model.package import Package
from octobot.model.version import parse
from octobot.specs.read.patterns import fits

# The first way that fits decides; of several places the last one is the version.
_WAYS = tuple(re.compile(rf"[0-9]+(?:{sep}[0-9]+)+") for sep in (r"\.", "_", "-"))
_LONE = re.compile(r"[0-9]+")
_TAIL = re.compile(r"([a-z]?)([-._]?(?:final|release|ga|stable))?", re.IGNORECASE)
_GENERAL = re.compile(r"(?:version|ver|release|rel|tag|stable|v|r)*")
_WORDS = re.compile(r"[^a-z0-9]+")


@dataclass(frozen=True, slots=True)
class TagName:
    """A name, taken apart."""

    name: str
    head: str
    """What stands before the version."""
    version: Version
    tail: str
    separator: str
    """Between the version's numbers; a point where there is one number."""

    @property
    def template(self) -> str:
        """The name with melange's template for the version; empty where the numbers differ."""
        if self.separator != ".":
            return ""
        return f"{self.head}${{{{package.version}}}}{self.tail}"


def read_name(name: str) -> TagName | None:
    """Take a name apart; None when it is not the name of a final version."""
    if not fits(name):
        return None
    for way in (*_WAYS, _LONE):
        found = [*way.finditer(name)]
        if found:
            return _named(name, found[-1])
    return None


def _named(name: str, found: re.Match[str]) -> TagName | None:
    tail = _TAIL.fullmatch(name, found.end())
    if tail is None:
        return None
    numbers = found.group()
    separator = next((sign for sign in "._-" if sign in numbers), ".")
    version = parse(numbers.replace(separator, ".") + tail.group(1))
    if version is None:
        return None
    return TagName(name, name[: found.start()], version, tail.group(2) or "", separator)


def component(head: str, package: Package) -> str:
    """Return what a tag's beginning says beyond the project's own name: empty, or a part of it.

    `v`, `release-` and the name of the repository say nothing; `chart-` does.
    """
    words = [word for word in _WORDS.split(head.lower()) if not _GENERAL.fullmatch(word)]
    repository = package.upstream.identifier if package.upstream else ""
    name = _WORDS.sub("", repository.rstrip("/").rpartition("/")[2].lower().removesuffix(".git"))
    return "".join(words).removeprefix(name)


def is_general(head: str) -> bool:
    """Return whether a tag's beginning names no project at all."""
    return all(_GENERAL.fullmatch(word) for word in _WORDS.split(head.lower()))
