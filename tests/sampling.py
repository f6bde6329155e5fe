"""A sample of what is too much for the ordinary run; the rest of it is long (`tests/README.md`)."""

from collections.abc import Iterable, Mapping
from typing import Any

import pytest

EVERY: Mapping[str, int] = {
    "cli/test_failure.py": 4,
    "faults/test_answers.py": 4,
    "faults/test_attacks.py": 3,
    "faults/test_commands.py": 4,
    "faults/test_crash.py": 4,
    "faults/test_deliveries.py": 4,
    "faults/test_model.py": 5,
    "faults/test_people.py": 5,
    "faults/test_rebuilding.py": 4,
    "faults/test_rebuilding_groups.py": 4,
    "faults/test_regressions.py": 2,
    "faults/test_slow.py": 5,
    "stories/test_commands.py": 5,
    "stories/test_commands_words.py": 5,
    "stories/test_edits.py": 4,
    "stories/test_groups.py": 4,
    "stories/test_groups_commands.py": 10,
    "stories/test_groups_suggestions.py": 2,
    "stories/test_objections.py": 4,
    "stories/test_objections_kinds.py": 4,
    "stories/test_refusals.py": 2,
    "stories/test_release.py": 4,
    "stories/test_renewing.py": 2,
    "stories/test_reruns.py": 2,
    "stories/test_sources.py": 2,
    "stories/test_suggestions.py": 4,
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
