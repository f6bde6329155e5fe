import pytest

from octobot.specs.graph.conditions import may_hold
from octobot.specs.read.substitution import Unknown

KNOWN = {"${{build.arch}}": "x86_64", "${{range.key}}": "64", "${{vars.evil}}": "a' == 'a"}


def evaluate(text: str) -> str | Unknown:
    """Replace the known templates."""
    for template, value in KNOWN.items():
        text = text.replace(template, value)
    return Unknown(text) if "${{" in text else text


@pytest.mark.parametrize(
    ("condition", "holds"),
    [
        ("${{build.arch}} == 'x86_64'", True),
        ('${{build.arch}} == "aarch64"', False),
        ("${{build.arch}} != 'x86_64' && ${{range.key}} == '64'", False),
        ("${{build.arch}} != 'x86_64' || ${{range.key}} == '64'", True),
        ('"${{range.key}}" == ""', False),
        ("(${{build.arch}} == 'a' || ${{build.arch}} == 'x86_64') && '1' == '1'", True),
        # Not known before the build: it may hold, but not where the rest decides.
        ("${{host.triplet.gnu}} == 'x'", True),
        ("${{host.triplet.gnu}} == 'x' && '1' == '2'", False),
        ("('1' == '2') && ${{host.triplet.gnu}} == 'x'", False),
        # A value is a text, whatever it looks like.
        ("${{vars.evil}} == 'b'", False),
        # What is no condition is not decided.
        ("${{build.arch}} = 'aarch64'", True),
        ("'1' == '2' garbage", True),
        ("(" * 100 + "'1' == '2'" + ")" * 100, True),
        ("'1' ==", True),
    ],
)
def test_a_condition_is_decided_where_it_can_be(condition: str, *, holds: bool) -> None:
    """A step that may run counts."""
    assert may_hold(condition, evaluate) is holds
