"""Apply the fixes of a suggestion to a spec: byte-exact, in allowed places only, or not at all.

A fix is what a rule or a model proposes after reading a log.  Each becomes splices of the text; the
result is parsed again and must be the old spec with exactly those nodes changed (`bump.edits`), and
then once more must be the old spec outside of what a suggestion may touch (`guard`).
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
    Fix,
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


def fix(path: str, text: str, fixes: Sequence[Fix]) -> Bumped | Reason:
    """Apply all fixes, or none: `FIX_REJECTED` says why one of them does not fit.

    `path` is the spec's path in the distro.  The lines in the changes are those of the text that
    each fix was applied to.
    """
    before = edit_tree(path, text)
    if isinstance(before, Reason):
        return before
    if not fixes or len(fixes) > MOST_FIXES:
        return _refused(path, 1, f"a suggestion has 1 to {MOST_FIXES} edits")
    result = Bumped(text, ())
    for one in fixes:
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


def plainer(one: Fix) -> Fix:
    """Name a field's edit by what it does where there is a word for that."""
    if isinstance(one, SetField) and one.field == _APPENDED and one.text is not None:
        return AddBuildPackage(one.text)
    return one


def _apply(path: str, text: str, one: Fix) -> Bumped | Reason:
    spec = edit_tree(path, text)
    if isinstance(spec, Reason):
        return spec
    made = _edits(text, spec, one)
    if isinstance(made, str):
        return _refused(path, 1, made)
    done = apply(path, text, spec, made)
    if isinstance(done, Reason):
        return _refused(path, done.where.line if done.where else 1, done.detail)
    return done


def _edits(text: str, spec: Map, one: Fix) -> Made:
    match one:
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
            assert_never(one)


def _refused(path: str, line: int, detail: str) -> Reason:
    return Reason(ReasonCode.FIX_REJECTED, detail, Where(path, line))


def nameable(path: str, text: str) -> tuple[str, ...]:
    """List the fields that a suggestion may name, with what they hold; none of a bad spec."""
    spec = edit_tree(path, text)
    return () if isinstance(spec, Reason) else places(spec)
