"""Mends made into an edit of the spec: byte-exact, in allowed places only, or refused.

A mend is words that a rule or a model took from a log.  Each becomes splices of the text; the
result is parsed again and must be the old spec with exactly those nodes changed (`editing`), and
then once more must be the old spec outside of what a suggestion may touch (`mending_guard`).
"""

from collections.abc import Sequence
from typing import assert_never

from octobot.model.bump import Bumped
from octobot.model.reasons import Reason, ReasonCode, Where
from octobot.model.triage import (
    AddBuildPackage,
    DropCherryPick,
    DropDependency,
    DropPatch,
    Mend,
    RaiseDependency,
    SetField,
)
from octobot.specs.bump.edits import apply
from octobot.specs.fix.allowed_fields import MOST_FIXES
from octobot.specs.fix.edits import (
    Made,
    add_package,
    drop_dependency,
    drop_patch,
    drop_pick,
    raise_dependency,
)
from octobot.specs.fix.fields import places, set_field
from octobot.specs.fix.guard import stays_inside
from octobot.specs.read.nodes import Map
from octobot.specs.read.parsing import edit_tree

_BUILD_PACKAGES = ("environment", "contents", "packages")
_APPENDED = "environment.contents.packages[+]"


def mend(path: str, text: str, mends: Sequence[Mend]) -> Bumped | Reason:
    """Apply all mends, or none: `MEND_REFUSED` tells why one of them is not made.

    `path` is the spec's path in the distro.  The lines in the changes are those of the text as it
    stood when each mend was applied.
    """
    before = edit_tree(path, text)
    if isinstance(before, Reason):
        return before
    if not mends or len(mends) > MOST_FIXES:
        return _refused(path, 1, f"a suggestion has 1 to {MOST_FIXES} edits")
    result = Bumped(text, ())
    for one in mends:
        made = _apply(path, result.text, one)
        if isinstance(made, Reason):
            return made
        result = Bumped(made.text, (*result.changes, *made.changes))
    after = edit_tree(path, result.text)
    if isinstance(after, Reason):
        return after
    if not stays_inside(before, after):
        return _refused(path, 1, "it would change what a suggestion may not")
    return result


def plainer(mend: Mend) -> Mend:
    """Name a field's edit by what it does where there is a word for that."""
    if isinstance(mend, SetField) and mend.field == _APPENDED and mend.text is not None:
        return AddBuildPackage(mend.text)
    return mend


def _apply(path: str, text: str, mend: Mend) -> Bumped | Reason:
    spec = edit_tree(path, text)
    if isinstance(spec, Reason):
        return spec
    made = _edits(text, spec, mend)
    if isinstance(made, str):
        return _refused(path, 1, made)
    done = apply(path, text, spec, made)
    if isinstance(done, Reason):
        return _refused(path, done.where.line if done.where else 1, done.detail)
    return done


def _edits(text: str, spec: Map, mend: Mend) -> Made:
    match mend:
        case AddBuildPackage(name=name):
            return add_package(text, spec, _BUILD_PACKAGES, name)
        case DropPatch(file=file):
            return drop_patch(text, spec, file)
        case DropCherryPick(commit=commit):
            return drop_pick(text, spec, commit)
        case DropDependency(module=module):
            return drop_dependency(text, spec, module)
        case RaiseDependency(module=module, version=version):
            return raise_dependency(text, spec, module, version)
        case SetField(field=field, text=value):
            return set_field(text, spec, field, value)
        case _:
            assert_never(mend)


def _refused(path: str, line: int, detail: str) -> Reason:
    return Reason(ReasonCode.FIX_REJECTED, detail, Where(path, line))


def nameable(path: str, text: str) -> tuple[str, ...]:
    """List the fields that a suggestion may name, with what they hold; none of a bad spec."""
    spec = edit_tree(path, text)
    return () if isinstance(spec, Reason) else places(spec)
