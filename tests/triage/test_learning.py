from hypothesis import given
from hypothesis import strategies as st

from octobot.model.ids import PullNumber
from octobot.model.suggestion import Past
from octobot.model.triage import Cause, CauseClass
from octobot.triage.learning import alike, similar

CAUSE = Cause(CauseClass.UNKNOWN, "", None)
ZLIB = ("fatal error: zlib.h: No such file", "compilation terminated.", "make: *** [<*>] Error <*>")


def past(number: int, templates: tuple[str, ...] = ZLIB, **said: int | bool) -> Past:
    """Make a past suggestion."""
    votes = {key: int(value) for key, value in said.items() if key != "green"}
    green = bool(said["green"]) if "green" in said else None
    return Past(PullNumber(number), f"f{number}", templates, CAUSE, green=green, **votes)


def test_what_helped_comes_first_and_what_did_not_comes_last() -> None:
    """Green counts more than votes, votes more than nothing, red least."""
    known = [past(1, downs=1), past(2, ups=2), past(3, green=True, downs=2), past(4, green=False)]
    found = similar("other", ZLIB, [*known, past(5)])
    assert [one.number for one in found] == [3, 2, 5, 1, 4]
    assert [one.score > 0 for one in found] == [True, True, False, False, False]


def test_the_same_fingerprint_is_alike_whatever_the_templates() -> None:
    """A fingerprint is made of the failure itself."""
    (found,) = similar("f1", ("nothing in common",), [past(1)])
    assert found.number == 1


def test_another_failure_is_not_alike() -> None:
    """What all builds print is not enough."""
    other = ("undefined reference to <*>", "make: *** [<*>] Error <*>")
    assert similar("x", other, [past(1)]) == ()
    assert similar("", (), [past(1, ())]) == ()


def test_what_many_failures_have_in_common_says_less() -> None:
    """`make: *** Error` in every log weighs less than one header in few."""
    noise = "make: *** [<*>] Error <*>"
    many = [past(n, (f"cause {n}", noise)) for n in range(20)]
    shared_noise = ("another cause", noise)
    shared_cause = ("cause 3",)
    assert similar("x", shared_noise, many) == ()
    assert [one.number for one in similar("x", shared_cause, many)] == [3]


@given(st.sets(st.text(max_size=5)), st.sets(st.text(max_size=5)))
def test_likeness_is_a_share(left: set[str], right: set[str]) -> None:
    """Between 0 and 1, the same both ways, and 1 for equals."""
    share = alike(left, right)
    assert 0 <= share <= 1
    assert abs(share - alike(right, left)) < 1e-9
    assert alike(left, left) == (1 if left else 0)
