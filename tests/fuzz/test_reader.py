"""The fuzz target itself: it runs without atheris, and it bites."""

import random
from itertools import islice

import pytest

from octobot.model.bump import Bumped
from tests.fuzz import fuzz_reader


def test_texts_by_chance_keep_every_promise() -> None:
    """A few hundred mutants of the sample distro's specs, always the same ones."""
    for text in islice(fuzz_reader.mutants(random.Random(3)), 400):  # noqa: S311  (dice, no secrets)
        fuzz_reader.try_text(text)


def test_the_seeds_are_bumped() -> None:
    """The target reaches the editor: most seeds can be bumped as they are."""
    made = [fuzz_reader.bumped(text) for text in fuzz_reader.seeds()]
    assert sum(isinstance(each, Bumped) for each in made) > len(made) / 2


def test_a_broken_promise_is_seen() -> None:
    """A bump that would touch another line is found out by the target."""
    seed = fuzz_reader.seeds()[0]

    def wrong(text: str) -> Bumped:
        made = fuzz_reader.bumped(text)
        assert isinstance(made, Bumped)
        return Bumped(made.text.replace("says hello", "says nothing"), made.changes)

    fuzz_reader.try_text(seed)
    with pytest.raises(fuzz_reader.Broken, match=r"package\.description"):
        fuzz_reader.try_text(seed, by=wrong)
