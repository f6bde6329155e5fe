"""A pull request as a file: everything that a verdict rests on, to be judged again anywhere.

The file holds one snapshot for each package of the pull request, and names its form.  It is read
strictly by `model.json_codec`; a verdict on it is the same value that the running octobot reaches.
"""

import json
from collections.abc import Sequence
from dataclasses import dataclass, replace

from octobot.model.config import Config, PackagePolicy
from octobot.model.json_codec import from_file, to_json
from octobot.model.verdict import Snapshot
from octobot.policy.findings import policy_of

FORM = "octobot pull request 2"
_FORMER = "octobot pull request 1"
"""It says nothing about requested changes; read as not known, which waits."""
LIMIT = 32 << 20
"""Characters; a pull request of a group holds the texts of all its specs, once a package."""


@dataclass(frozen=True, slots=True)
class Saved:
    """The whole file."""

    form: str
    snapshots: tuple[Snapshot, ...]
    """One for each package of the pull request."""


def save(snapshots: Sequence[Snapshot]) -> str:
    """Write the file's text."""
    return json.dumps(to_json(Saved(FORM, tuple(snapshots))), indent=2) + "\n"


def under(snapshot: Snapshot, config: Config) -> Snapshot:
    """Put other settings in place; what was asked of another second source counts no more."""
    changed = replace(snapshot, config=config)
    if _other_source(snapshot, changed):
        memory = replace(snapshot.memory, final_check=None, urgency=None)
        return replace(changed, memory=memory)
    return changed


def _other_source(one: Snapshot, other: Snapshot) -> bool:
    policies = policy_of(one), policy_of(other)
    second_sources = [each.second_source for each in policies if isinstance(each, PackagePolicy)]
    return len(second_sources) < len(policies) or second_sources[0] != second_sources[1]


def load(text: str) -> Saved | tuple[str, ...]:
    """Read the file's text, or tell everything that is wrong with it, each with its place."""
    data = _parsed(text)
    if isinstance(data, str):
        return (data,)
    saved = from_file(Saved, _in_this_form(data))
    if not isinstance(saved, Saved):
        return saved
    if saved.form != FORM:
        return (f"$.form: {saved.form!r} is not read by this octobot; it reads {FORM!r}",)
    return saved if saved.snapshots else ("$.snapshots: is empty; add one for each package",)


def _in_this_form(data: dict[str, object]) -> dict[str, object]:
    """Return a file of the form before with what it cannot say as not known."""
    if data.get("form") != _FORMER:
        return data
    snapshots = data.get("snapshots")
    for snapshot in snapshots if isinstance(snapshots, list) else ():
        state = snapshot.get("state") if isinstance(snapshot, dict) else None
        if isinstance(state, dict):
            state.setdefault("objections", None)
    return {**data, "form": FORM}


def _parsed(text: str) -> dict[str, object] | str:
    """Parse JSON; a text says why that cannot be done."""
    if len(text) > LIMIT:
        return f"$: the file is longer than {LIMIT} characters"
    try:
        data: object = json.loads(text, object_pairs_hook=_distinct, parse_constant=_no_constant)
    except ValueError as error:
        return f"$: not valid JSON: {error}"
    except RecursionError:
        return "$: not valid JSON: it nests too deep"
    return data if isinstance(data, dict) else "$: expected an object with form and snapshots"


def _distinct(pairs: Sequence[tuple[str, object]]) -> dict[str, object]:
    found = dict(pairs)
    if len(found) != len(pairs):
        twice = next(name for name, _ in pairs if [n for n, _ in pairs].count(name) > 1)
        raise ValueError(f"{twice!r} is given twice")
    return found


def _no_constant(name: str) -> object:
    raise ValueError(f"{name} is not JSON")
