"""A pull request as a file: everything that a verdict depends on, to be judged again anywhere.

The file has one snapshot for each package of the pull request, and the name of its form.  It is
read strictly by `model.json_codec`; its verdict is the same value that the running octobot reaches.
"""

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace

from octobot.model.config import Config, PackagePolicy
from octobot.model.json_codec import from_file, to_json
from octobot.model.pull_request import MergeRequirements
from octobot.model.verdict import Snapshot
from octobot.policy.findings import policy_of

FORM = "octobot pull request 6"
_FORM_1 = "octobot pull request 1"
"""It says nothing about requested changes: they are read as not known, and the verdict waits."""
_FORMER = (_FORM_1, *(f"octobot pull request {n}" for n in (2, 3, 4, 5)))
"""Older forms, which are still read: octobot 0.1 named some fields otherwise, before form 4 check
runs were without their suite and workflow, so every run of a name counts, before form 5 nothing
but reviews and protection was read, and fields came to be in form 5 while it had that name."""
_RENAMED = {
    "foreign": "unexpected",
    "mended": "fixes",
    "base_stands": "base_unchanged",
    "line_stopped": "merging_halted",
    "last_look": "final_check",
    "witness": "second_source",
    "said": "issued",
}
_NEW_STATE: Mapping[str, object] = {
    "wants": to_json(MergeRequirements()),
    "left": None,
    "removed": None,
    "reopened": False,
    "hidden": [],
    "based": None,
    "signed": True,
}
_NEW_OBJECTION: Mapping[str, object] = {"kind": "review", "on": None, "label": ""}
_NEW_RUN: Mapping[str, object] = {
    "suite": None,
    "workflow": None,
    "started_at": None,
    "completed_at": None,
}
_NEW_CHECK: Mapping[str, object] = {"accept": []}
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
    """Return the snapshot under other settings, without answers of another second source."""
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
    """Read the file's text, or return all faults in it, each with its place."""
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
    """Return the data of an older file in today's form."""
    form, snapshots = data.get("form"), data.get("snapshots")
    if form not in _FORMER or not isinstance(snapshots, list):
        return data
    read = [_snapshot(each, form) if isinstance(each, dict) else each for each in snapshots]
    return {**data, "form": FORM, "snapshots": read}


def _snapshot(former: dict[str, object], form: object) -> dict[str, object]:
    snapshot = _renamed(former)
    for name in ("state", "memory"):
        if isinstance(inner := snapshot.get(name), dict):
            snapshot[name] = _renamed(inner)
    match snapshot:
        case {"state": dict(state)} if form == _FORM_1:
            state.setdefault("objections", None)
    _add_what_is_new(snapshot)
    match snapshot:
        case {"memory": dict(memory)}:
            for name in ("waiver", "final_check"):
                if isinstance(inner := memory.get(name), dict):
                    memory[name] = _renamed(inner)
    return snapshot


def _add_what_is_new(snapshot: dict[str, object]) -> None:
    """Fill in what older forms do not know: nothing of it was read then, so nothing blocks."""
    match snapshot:
        case {"state": dict(state)}:
            _fill(state, _NEW_STATE)
            _fill(state.get("pull"), {"merged_at": None})
            _fill(state.get("objections"), _NEW_OBJECTION)
            _fill(state.get("checks"), _NEW_RUN)
            _fill(state.get("required"), _NEW_CHECK)
    match snapshot:
        case {"memory": dict(memory)}:
            _fill(memory, {"tries": []})
            _fill(memory.get("proposed"), {"fates": []})
    if isinstance(config := snapshot.get("config"), dict) and "code" not in config:
        _fill(config, to_json(Config()))  # what the repository's file does not say
        _fill(config.get("required_checks"), _NEW_CHECK)


def _fill(into: object, values: Mapping[str, object]) -> None:
    """Fill missing fields of an object, or of each object of a list."""
    for one in into if isinstance(into, list) else [into]:
        if isinstance(one, dict):
            one.update({**values, **one})


def _renamed(former: dict[str, object]) -> dict[str, object]:
    """Return an object with its former names replaced; a name that is taken stays, and faults."""
    return {
        name if _RENAMED.get(name) in former else _RENAMED.get(name, name): value
        for name, value in former.items()
    }


def _parsed(text: str) -> dict[str, object] | str:
    """Parse JSON; a text says why it is invalid."""
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
