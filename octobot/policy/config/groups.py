"""Groups of the repository's file: packages that move together, as one pull request.

Whether two groups share a package depends on the distro's names, so that is checked when a package
is processed; what the file alone shows is refused when the file is read.
"""

import re
from collections.abc import Sequence
from dataclasses import replace
from fnmatch import fnmatchcase

import yaml

from octobot.model.config import Config, Group
from octobot.model.reasons import Reason, ReasonCode, Where
from octobot.policy.config.mappings import Key, Values, gathered, record, sequence
from octobot.policy.config.scalars import Faults, Reader, bad, scalar, text_value

PATH = ".github/octobot.yaml"

_NAME = re.compile(r"[A-Za-z0-9][A-Za-z0-9+_-]*(\.[A-Za-z0-9+_-]+)*")
"""A part of a branch's name.  Source: git check-ref-format; `.lock` is refused separately."""


def group_of(config: Config, package: str) -> Group | Reason | None:
    """Return the group of a package; a Reason when it is in several."""
    found = [group for group in config.groups if is_member(group, package)]
    if len(found) < 2:  # noqa: PLR2004  (one or none)
        return found[0] if found else None
    names = " and ".join(group.name for group in found)
    detail = f"{package} is in the groups {names}; put it in one of them"
    return Reason(ReasonCode.BAD_CONFIG, detail, Where(PATH, found[1].line))


def is_member(group: Group, package: str) -> bool:
    """Return whether one of the group's patterns matches a package's name."""
    return any(fnmatchcase(package, pattern) for pattern in group.match)


_GROUP_NAME = scalar(
    lambda text: text if _NAME.fullmatch(text) and not text.endswith(".lock") else None,
    "cannot name a group; write letters, digits, + _ - and single dots: it becomes a part of a"
    " branch's name",
    {"type": "string", "pattern": f"^{_NAME.pattern}$"},
)

_KEYS = (
    Key(
        "name",
        _GROUP_NAME,
        "",
        "Names the branch and the pull request, such as `rails-8.1`.",
    ),
    Key(
        "match",
        sequence(text_value),
        "",
        "Shell patterns of package names; each package belongs to one group at most.",
    ),
)


def _check(node: yaml.Node, values: Values) -> Faults | None:
    if not values["match"]:
        return bad(node, "match is empty; write a pattern, or remove the group")
    return None


_RECORD = record(_KEYS, Group, required=("name", "match"), check=_check)


def _group(node: yaml.Node) -> object:
    made = _RECORD.read(node)
    return replace(made, line=node.start_mark.line + 1) if isinstance(made, Group) else made


_LIST = sequence(Reader(_group, _RECORD.schema))


def _groups(node: yaml.Node) -> object:
    values = _LIST.read(node)
    if isinstance(values, Faults) or not isinstance(values, tuple):
        return values
    return gathered(_shared(node, values)) or values


def _shared(node: yaml.Node, groups: Sequence[Group]) -> Sequence[object]:
    """Find names and patterns that two groups share."""
    faults: list[object] = []
    for number, (place, group) in enumerate(zip(node.value, groups, strict=True)):
        for other in groups[:number]:
            if group.name == other.name:
                faults.append(bad(place, f"the group {group.name} is given twice; join the two"))
            for pattern in dict.fromkeys(group.match):
                if pattern in other.match:
                    says = f"{pattern} is in the group {other.name}, too; put it in one of them"
                    faults.append(bad(place, says))
    return faults


GROUPS = Reader(_groups, _LIST.schema)
"""Reads the list of groups."""
