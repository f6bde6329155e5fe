"""Drop what a new version no longer needs: dependency overrides and cherry-picks.

`go/bump` and `bump` raise modules of the upstream's `go.mod`.  An entry that the new tag satisfies
by itself is dropped, and so is the step when no entry is left.  Cherry-picks that the new tag
contains are dropped too, with the `depth:` that they forced.  Everything else stays: entries
without a `go.mod`, for a module that it does not name or builds from a fork or a folder, `latest`.
"""

import re
from collections import Counter
from collections.abc import Callable, Generator, Iterator

from octobot.model.bump import Answer, Ask
from octobot.specs.bump.edits import Edit
from octobot.specs.bump.go_modules import module_order, satisfied
from octobot.specs.bump.lookups import Lookups
from octobot.specs.bump.overrides import ONLY_FOR_DEPS, is_override, listed_deps, module_roots
from octobot.specs.bump.pins import Job, Pins
from octobot.specs.bump.removal import keep_lines, remove_key, remove_step
from octobot.specs.read.nodes import leaves
from octobot.specs.read.sources import PipelineStep, steps, target_of
from octobot.specs.read.substitution import Unknown

_PICK = re.compile(r"[^\s:]+/([0-9a-f]{40}):.*|([0-9a-f]{40}):.*")
_NO_WORD = re.compile(r"[^A-Za-z-]+")
_HISTORY = {"describe", "log", "rev-list", "show", "merge-base"}
Pruning = Generator[Ask, Answer, list[Edit]]


def prune(job: Job, text: str, pins: Pins, lookups: Lookups) -> Pruning:
    """Return the edits that drop what the new version no longer needs."""
    edits: list[Edit] = []
    if pins.main is None:
        return edits
    for step in steps(job.spec):
        if is_override(step):
            edits += yield from _dependencies(job, text, step, pins, lookups)
        elif step.uses == "git-checkout" and "cherry-picks" in step.inputs.entries:
            edits += yield from _picks(job, text, step, lookups)
    return edits


def _dependencies(job: Job, text: str, step: PipelineStep, pins: Pins, lookups: Lookups) -> Pruning:
    deps = step.inputs.scalar("deps")
    listed = listed_deps(step)
    needless = yield from _needless(job, step, listed, pins, lookups)
    if deps is None or not needless:
        return []
    path = (*step.path, "with", "deps")
    if needless != set(listed):
        return _found(keep_lines(text, deps, path, _without(listed, needless)))
    if step.inputs.entries.keys() <= ONLY_FOR_DEPS:
        return _found(remove_step(text, job.spec, step))
    return _found(remove_key(text, step.inputs, "deps", path))


def _needless(
    job: Job, step: PipelineStep, listed: list[str], pins: Pins, lookups: Lookups
) -> Generator[Ask, Answer, set[str]]:
    """Return the entries that every module of the step satisfies by itself."""
    left = {entry for entry in listed if module_order(entry.partition("@")[2])}
    roots = module_roots(step, job.after, pins.destination)
    if pins.main is None or not roots:
        return set()
    for root in roots:
        if left:
            gomod = yield from lookups.gomod(pins.main.repository, pins.main.ref, root)
            left = {entry for entry in left if satisfied(entry, gomod)}
    return left


def _without(listed: list[str], needless: set[str]) -> Callable[[str], str]:
    """Make a function that drops entries from a line; of a repeated entry the last is kept."""
    left = Counter(listed)

    def keep(line: str) -> str:
        kept = []
        for entry in line.split():
            left[entry] -= 1
            if entry not in needless and not left[entry]:
                kept.append(entry)
        return " ".join(kept)

    return keep


def _picks(job: Job, text: str, step: PipelineStep, lookups: Lookups) -> Pruning:
    commits = tuple(picked_commits(step))
    target = target_of(step.inputs, job.after)
    if not commits or isinstance(target, Unknown):
        return []
    contained = yield from lookups.contained(target.repository, target.ref, commits)
    if contained.isdisjoint(commits):
        return []
    if not contained.issuperset(commits):
        return _found(drop_picks(text, step, lambda commit: commit in contained))
    keys = ["cherry-picks", *(["depth"] if _forced_depth(job, step) else [])]
    removed = (remove_key(text, step.inputs, key, (*step.path, "with", key)) for key in keys)
    return [edit for edit in removed if edit is not None]


def drop_picks(text: str, step: PipelineStep, drops: Callable[[str], bool]) -> Edit | None:
    """Drop the lines of `cherry-picks` that name a commit to drop; keep every other line."""
    path = (*step.path, "with", "cherry-picks")
    picks = step.inputs.scalar("cherry-picks")
    if picks is None:
        return None
    return keep_lines(
        text, picks, path, lambda line: "" if (found := picked(line)) and drops(found) else line
    )


def picked_commits(step: PipelineStep) -> Iterator[str]:
    """Yield the commits that a checkout cherry-picks."""
    lines = step.inputs.text("cherry-picks").splitlines() if step.uses == "git-checkout" else ()
    return filter(None, map(picked, lines))


def picked(line: str) -> str:
    """Return the commit that a line of `cherry-picks` names; empty when it names none."""
    found = _PICK.fullmatch(line.strip())
    return (found.group(1) or found.group(2)) if found else ""


def _forced_depth(job: Job, step: PipelineStep) -> bool:
    """Return whether nothing but the cherry-picks needs the history."""
    return "depth" in step.inputs.entries and not any(
        _reads_history(line) for _, value in leaves(job.spec) for line in value.splitlines()
    )


def _reads_history(line: str) -> bool:
    words = set(_NO_WORD.split(line))
    return "git" in words and not _HISTORY.isdisjoint(words)


def _found(edit: Edit | None) -> list[Edit]:
    return [] if edit is None else [edit]
