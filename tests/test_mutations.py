"""The law of mutations: a seed whose text is gone from the code tries nothing any more."""

import pytest

from tests.mutate import ROOT, SEEDS, Mutation


@pytest.mark.parametrize("seed", SEEDS, ids=lambda seed: seed.name)
def test_each_seed_changes_one_place(seed: Mutation) -> None:
    """Its text is in its file exactly once; without one it is a file of its own."""
    if seed.before:
        assert (ROOT / "octobot" / seed.file).read_text("utf-8").count(seed.before) == 1
