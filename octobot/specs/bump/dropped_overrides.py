"""Overrides that a new text of a spec drops although upstream still needs them.

A step such as `bump` raises a dependency above what upstream requires, mostly for a security fix.
Pruning drops the entries that the new version satisfies by itself.  This module checks that a
second time from the two texts alone, so that neither a bug in the pruner nor a suggested fix nor a
person's edit lets a dependency fall back.  For Go modules upstream's `go.mod` decides; for any
other kind there is no such source, so a person must look at a dropped entry.
"""

from collections.abc import Generator, Iterator
from dataclasses import dataclass

from octobot.model.bump import Answer, Ask
from octobot.model.reasons import Reason, ReasonCode
from octobot.specs.bump.go_modules import module_order, satisfied
from octobot.specs.bump.lookups import Lookups
from octobot.specs.bump.overrides import is_override, listed_deps, module_roots
from octobot.specs.read.nodes import Map, leaves
from octobot.specs.read.package import identity
from octobot.specs.read.parsing import edit_tree
from octobot.specs.read.sources import PipelineStep, Target, main_checkout, steps, target_of
from octobot.specs.read.substitution import Scope, scope

_LOOKS_LIKE_A_BUMP = ("bump", "override")
"""In the name of a step that raises dependencies: `rust/cargobump`, `maven/pombump`, `uv/bump`."""
_MOST_NAMED = 5

Dropping = Generator[Ask, Answer, Reason | None]


@dataclass(frozen=True, slots=True)
class _Raised:
    """One entry of a step."""

    root: str
    """The directory of the Go module within the repository; empty where that is not known."""
    entry: str
    """`module@version`, or whatever word another kind of step has."""
    go: bool


def dropped(path: str, before: str, after: str) -> Dropping:
    """Return why a dropped override is still needed; None when none is.

    OVERRIDE_DROPPED: it would fall back, or this is not known.  PIN_UNRESOLVED: no answer yet.
    """
    old, new = edit_tree(path, before), edit_tree(path, after)
    if isinstance(old, Reason) or isinstance(new, Reason):
        return old if isinstance(old, Reason) else new if isinstance(new, Reason) else None
    known = _scope(path, new)
    if isinstance(known, Reason):
        return known
    main = main_checkout(new, known)
    gone = _gone(tuple(_raised(old, known, main)), tuple(_raised(new, known, main)))
    lookups, fallen = Lookups(), []
    for one in gone:
        needed = yield from _is_needed(one, known, main, lookups)
        if needed:
            fallen.append(one.entry)
    if lookups.unanswered:
        detail = f"not answered: {lookups.unanswered[0]}"
        return Reason(ReasonCode.PIN_UNRESOLVED, detail)
    if fallen:
        named = ", ".join(dict.fromkeys(fallen[:_MOST_NAMED]))
        return Reason(ReasonCode.OVERRIDE_DROPPED, f"upstream is not known to be past {named}")
    return None


def _scope(path: str, spec: Map) -> Scope | Reason:
    known_as = identity(path, spec)
    if isinstance(known_as, Reason):
        return known_as
    return scope(spec, known_as[1], str(known_as[2]))


def _raised(spec: Map, known: Scope, main: PipelineStep | None) -> Iterator[_Raised]:
    destination = main.inputs.text("destination") if main else ""
    for step in steps(spec):
        if is_override(step):
            listed = [*listed_deps(step), *step.inputs.text("packages").split()]
            for root in module_roots(step, known, destination) or ("",):
                yield from (_Raised(root, entry, go=True) for entry in listed)
            yield from _words(step, without=("deps", "packages"))
        elif any(sign in step.uses.rpartition("/")[2] for sign in _LOOKS_LIKE_A_BUMP):
            yield from _words(step)


def _words(step: PipelineStep, without: tuple[str, ...] = ()) -> Iterator[_Raised]:
    """Yield the words of a step's inputs that look like versions of something."""
    if step.part == "test":
        return
    for where, text in leaves(step.inputs):
        if where and where[0] in without:
            continue
        yield from (_Raised("", w, go=False) for w in text.split() if "@" in w or "=" in w)


def _gone(old: tuple[_Raised, ...], new: tuple[_Raised, ...]) -> tuple[_Raised, ...]:
    """Return the entries that are gone, or raise less than before."""
    still = frozenset(new)
    kept = {(one.root, one.entry.partition("@")[0]): one.entry for one in new if one.go}
    return tuple(
        one
        for one in dict.fromkeys(old)
        if one not in still and not (one.go and _reaches(one.entry, kept.get(_place(one), "")))
    )


def _place(one: _Raised) -> tuple[str, str]:
    return one.root, one.entry.partition("@")[0]


def _reaches(entry: str, other: str) -> bool:
    """Return whether another entry raises the same module at least as far."""
    wanted = module_order(entry.partition("@")[2])
    given = module_order(other.partition("@")[2])
    return wanted is not None and given is not None and given >= wanted


def _is_needed(
    one: _Raised, known: Scope, main: PipelineStep | None, lookups: Lookups
) -> Generator[Ask, Answer, bool]:
    """Return whether upstream's `go.mod` is below the entry; True when that is not known."""
    target = target_of(main.inputs, known) if main else None
    if not one.go or not one.root or not isinstance(target, Target):
        return True
    gomod = yield from lookups.gomod(target.repository, target.ref, one.root)
    return not satisfied(one.entry, gomod)
