"""A second reader of `go.mod`, written independently of the first: line by line, and strict.

A security fix is dropped because a reader says that upstream is past it.  So the gate asks two
readers that share no code, and what they disagree about is not known.  This one matches whole
lines, and never chooses where Go would: between two requirements of a module, or between two
replacements that may both apply.
"""

import re
from collections import defaultdict
from collections.abc import Iterable, Mapping

from octobot.datasources.gomod import read_go_mod

_WORD = r'(?:"[^"\\]+"|`[^`]+`|(?!=>)[^\s"`(),\[\]{}]+)'
_PINNED = re.compile(rf"({_WORD})[ \t]+({_WORD})")
_REPLACED = re.compile(rf"({_WORD})(?:[ \t]+({_WORD}))?[ \t]+=>[ \t]*({_WORD})(?:[ \t]+({_WORD}))?")
_OPENED = re.compile(r"([a-z]+)[ \t]*\(")
_ALONE = re.compile(r"([a-z]+)[ \t]+([^\r\n]+)")
_PLAIN = re.compile(r"v[0-9]+\.[0-9]+\.[0-9]+[0-9A-Za-z.+-]*")

_Line = tuple[str, str]
"""A directive's verb, and what follows it."""
_Fields = dict[str, list[list[str]]]
_PATTERNS = {"require": _PINNED, "exclude": _PINNED, "replace": _REPLACED}


def agreed(text: str) -> Mapping[str, str]:
    """Return the version that is built of each module where both readers agree."""
    strict = read_strictly(text)
    return {
        module: version
        for module, version in read_go_mod(text).items()
        if strict.get(module) == version
    }


def read_strictly(text: str) -> Mapping[str, str]:
    """Return the version that is built of each module; whatever is in doubt is absent."""
    lines = _lines(text)
    fields = None if lines is None else _fields(lines)
    if fields is None:
        return {}
    versions: dict[str, set[str]] = defaultdict(set)
    for module, version in fields["require"]:
        versions[module].add(version)
    return {
        module: built
        for module, named in versions.items()
        if len(named) == 1 and (built := _result(module, min(named), fields))
    }


def _lines(text: str) -> list[_Line] | None:
    """Cut into directives; None when a line is not a directive, or a block does not end."""
    found: list[_Line] = []
    block = ""
    for line in text.split("\n"):
        code = line.partition("//")[0].strip(" \t\r")
        opened, alone = _OPENED.fullmatch(code), _ALONE.fullmatch(code)
        if block and code == ")":
            block = ""
        elif block and code:
            found.append((block, code))
        elif opened:
            block = opened[1]
        elif alone:
            found.append((alone[1], alone[2].strip(" \t")))
        elif code:
            return None
    return None if block else found


def _fields(lines: Iterable[_Line]) -> _Fields | None:
    """Return the parts of each line, unquoted, by verb; None when one is not of its pattern."""
    found: _Fields = {verb: [] for verb in _PATTERNS}
    for verb, code in lines:
        if verb in _PATTERNS:
            match = _PATTERNS[verb].fullmatch(code)
            if match is None:
                return None
            found[verb].append([(part or "").strip('"`') for part in match.groups()])
    return found


def _result(module: str, version: str, fields: _Fields) -> str:
    """Return what is built of a module; empty when it is not one version of the module itself."""
    if any(one == module and not _is_another(old, version) for one, old in fields["exclude"]):
        return ""
    apply = [
        (path, new)
        for one, old, path, new in fields["replace"]
        if one == module and (not old or not _is_another(old, version))
    ]
    if not apply:
        return version
    path, new = apply[0]
    return new if len(apply) == 1 and path == module else ""


def _is_another(old: str, version: str) -> bool:
    plain = _PLAIN.fullmatch(old) and _PLAIN.fullmatch(version)
    return bool(plain) and old.partition("+")[0] != version.partition("+")[0]
