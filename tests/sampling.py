"""A sample of what is too much for the ordinary run; the rest of it is long (`tests/README.md`)."""

from collections.abc import Iterable
from typing import Any

import pytest


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
