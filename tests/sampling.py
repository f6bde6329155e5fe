"""A sample of what is too much for the ordinary run; the rest of it is long (`tests/README.md`)."""

from collections.abc import Iterable, Mapping
from typing import Any

import pytest

EVERY: Mapping[str, int] = {
    "app/test_organisation.py": 2,
    "cli/test_failure.py": 4,
    "faults/test_answers.py": 4,
    "faults/test_attacks.py": 3,
    "faults/test_commands.py": 4,
    "faults/test_config.py": 3,
    "faults/test_crash.py": 4,
    "faults/test_deliveries.py": 4,
    "faults/test_model.py": 5,
    "faults/test_people.py": 5,
    "faults/test_rebuilding.py": 6,
    "faults/test_rebuilding_groups.py": 4,
    "faults/test_regressions.py": 2,
    "faults/test_slow.py": 5,
    "github/test_conformance.py": 5,
    "stories/test_busy_hour.py": 4,
    "stories/test_commands.py": 5,
    "stories/test_commands_words.py": 5,
    "stories/test_edits.py": 4,
    "stories/test_gate.py": 2,
    "stories/test_groups.py": 4,
    "stories/test_groups_commands.py": 10,
    "stories/test_groups_crash.py": 2,
    "stories/test_groups_suggestions.py": 4,
    "stories/test_members_crash.py": 4,
    "stories/test_objections.py": 4,
    "stories/test_objections_kinds.py": 4,
    "stories/test_often.py": 3,
    "stories/test_older_servers.py": 6,
    "stories/test_plausible.py": 2,
    "stories/test_processes.py": 2,
    "stories/test_rebuild_orders.py": 3,
    "stories/test_refusals.py": 3,
    "stories/test_release.py": 4,
    "stories/test_renewing.py": 3,
    "stories/test_reruns.py": 2,
    "stories/test_reverts.py": 2,
    "stories/test_same_name.py": 2,
    "stories/test_sources.py": 2,
    "stories/test_strict_base.py": 3,
    "stories/test_stuck.py": 2,
    "stories/test_suggestions.py": 4,
    "stories/test_texts.py": 2,
    "stories/test_tokens.py": 2,
    "stories/test_waiting.py": 2,
    "stories/test_waves.py": 3,
    "tests/test_migrations.py": 3,
}
"""Files of many stories that are alike, and cost half a second or more each: the ordinary run takes
the first of each so many, and `--all` takes all."""


def sampled(values: Iterable[Any], every: int) -> list[Any]:
    """Return the values as parameters, all but the first of each so many marked as long.

    A tuple is a set of parameters, as in `pytest.mark.parametrize`.
    """
    made = list(values)
    for at, value in enumerate(made):
        if at % every:
            each = value if isinstance(value, tuple) else (value,)
            made[at] = pytest.param(*each, marks=pytest.mark.long)
    return made
