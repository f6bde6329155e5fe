"""What is wrong with a repository's settings on GitHub: faults, and what can never work there.

`octobot doctor` says it before the first pull request does.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from octobot.model.config import Config, ConfigFile
from octobot.model.pull_request import LeftToGitHub, MergeMethod
from octobot.policy.config.join import joined
from octobot.policy.requirements import QUEUE_HIDDEN, unworkable


@dataclass(frozen=True, slots=True)
class Rules:
    """What a repository and the rules of its default branch allow."""

    methods: frozenset[MergeMethod]
    queue: bool
    """Merges come from a merge queue only."""
    hidden: frozenset[LeftToGitHub] = frozenset()
    """What GitHub does not show to octobot."""


def faults(files: Sequence[ConfigFile], rules: Rules) -> Iterator[str]:
    """Name every fault of the files, else why their settings can never work."""
    found = joined(files, ())
    for broken in found.broken:
        for fault in broken.faults.all:
            yield f"{broken.file.path}:{fault.line}:{fault.column}: {fault.says}"
    config = found.config
    if found.broken or not isinstance(config, Config):
        return
    way = "api" if config.merge_by in rules.hidden else config.merge_by
    if way == "queue" and not rules.queue:
        yield "`merge-by: queue`, and the default branch has no merge queue; set `merge-by: api`"
    if rules.queue and "queue" in rules.hidden:
        yield f"the base branch requires the merge queue, {QUEUE_HIDDEN}"
    elif says := unworkable(config.merge_method, way, queue=rules.queue, methods=rules.methods):
        yield says
