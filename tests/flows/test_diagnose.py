"""Which of several specs a failed check was building."""

import pytest

from octobot.flows.diagnose.diagnose import blamed

NAMES = frozenset({"hello", "hello-core", "hello-tools", "ruby3.4-rails"})
LOG = """\
2026-09-03T07:21:07.0Z melange build hello.yaml --arch x86_64 --runner docker
2026-09-03T07:21:08.0Z 2026/09/03 07:21:08 INFO melange version v0.31.4 building hello@1.1
2026-09-03T07:21:08.1Z 2026/09/03 07:21:08 INFO building workspace in '/tmp/w' with apko
2026-09-03T07:21:09.0Z melange build ./hello-core.yaml --arch x86_64 --runner docker
2026-09-03T07:21:09.1Z 2026/09/03 07:21:09 INFO installing hello (1.1-r0)
2026-09-03T07:21:10.0Z hello.c:3:10: fatal error: zlib.h: No such file or directory
2026-09-03T07:21:11.0Z melange build hello-tools.yaml --arch x86_64 --runner docker
"""


@pytest.mark.parametrize(
    ("line", "name"), [(6, "hello-core"), (2, "hello"), (None, "hello-tools"), (99, "hello-tools")]
)
def test_the_nearest_build_above_the_decisive_line(line: int | None, name: str) -> None:
    """Not a package that is installed, and not one that is built later."""
    assert blamed("build", LOG, line, NAMES) == name


@pytest.mark.parametrize(
    ("text", "name"),
    [
        ("make package/hello-core", "hello-core"),
        ("make[1]: building ruby3.4-rails.", "ruby3.4-rails"),
        ("melange build hello.yaml hello-core.yaml", None),
        ("melange build hello-core-extra.yaml", None),
        ("installing hello (1.1-r0)", None),
        ("checking for hello... no", None),
        ("x" * 5000 + " build hello", None),
    ],
)
def test_what_names_a_package(text: str, name: str | None) -> None:
    """A line that builds exactly one of them, by its whole name."""
    assert blamed("ci", text, None, NAMES) == name


@pytest.mark.parametrize(
    ("check", "name"),
    [
        ("build (hello-core, x86_64)", "hello-core"),
        ("hello / build", "hello"),
        ("build", None),
        ("hello hello-core", None),
    ],
)
def test_the_checks_name_decides_where_the_log_does_not(check: str, name: str | None) -> None:
    """One job for each package, as a matrix has it; the log goes first."""
    assert blamed(check, "E: it broke", 1, NAMES) == name
    assert blamed(check, "melange build hello-tools.yaml", 1, NAMES) == "hello-tools"
