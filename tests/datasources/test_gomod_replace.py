"""`replace` in a `go.mod`: what is known of a module that is built from elsewhere."""

import pytest

from octobot.datasources.gomod import read_go_mod
from octobot.datasources.gomod_strict import agreed, read_strictly

M = "example.com/m"
HEAD = (
    f"module example.com/top\n\ngo 1.24\n\nrequire (\n\t{M} v1.4.0\n\texample.com/n v1.0.0\n)\n\n"
)

UNKNOWN = [
    f"replace {M} => example.com/fork v9.0.0",
    f"replace {M} v1.4.0 => example.com/fork v9.0.0",
    f"replace {M} => example.com/fork v2.0.0+incompatible // for now",
    f"replace {M} => {M}/v2 v2.0.0",
    f"replace {M} => ./fork",
    f"replace {M} =>./fork",
    f"replace {M} => ../fork",
    f"replace {M} => /src/fork",
    f'replace {M} => "../a fork"',
    f"replace {M} v1.4.0 => ../fork",
    f"replace {M}\t=>\t../fork",
    f'replace "{M}" => "example.com/fork" "v9.0.0"',
    f"replace `{M}` => `example.com/fork` `v9.0.0`",
    f"replace (\n\texample.com/n => example.com/n v1.1.0\n\t{M} => example.com/fork v9.0.0\n)",
    f"replace(\n{M} => ../fork\n)",
    f"replace (\r\n\t{M} => ../fork\r\n)\r",
    # the more exact of two counts, and it is a fork
    f"replace {M} => {M} v1.5.4\nreplace {M} v1.4.0 => example.com/fork v9.0.0",
    # two answers to one question; Go refuses them
    f"replace {M} => {M} v1.5.4\nreplace {M} => {M} v1.5.5",
    # the same version by another name, or a version that only Go can resolve
    f"replace {M} v1.4.0+incompatible => ../fork",
    f"replace {M} v1.4 => ../fork",
    f"replace {M} master => ../fork",
    # an excluded version is no requirement
    f"exclude {M} v1.4.0",
    f"exclude {M} v1.4",
    f"exclude (\n\t{M} v1.3.0\n\t{M} v1.4.0 // broken\n)",
    # not of the grammar: Go reads nothing of such a file
    f"replace {M} =>",
    f"replace {M} ../fork",
    f"replace {M} => ../fork v1 v2",
    f"replace {M} = > ../fork",
    f"replace (\n\t{M} => ../fork",
    f'replace "{M} => ../fork',
    f"replace {M} => ../fork )",
    f"replace ({M} => ../fork)",
    f"require {M}",
    "replace",
    ")",
]


@pytest.mark.parametrize("text", UNKNOWN)
def test_nothing_is_known_of_a_module_that_is_built_from_elsewhere(text: str) -> None:
    """A fork's number says nothing about the module, and a folder has none; for both readers."""
    assert M not in read_go_mod(HEAD + text)
    assert M not in read_strictly(HEAD + text)
    assert M not in agreed(HEAD + text)


KNOWN = [
    ("", "v1.4.0"),
    (f"replace {M} => {M} v1.5.4", "v1.5.4"),
    (f"replace {M} v1.4.0 => {M} v1.5.4", "v1.5.4"),
    (f"replace {M} v1.4.0 => {M} v1.3.0", "v1.3.0"),
    (f'replace "{M}" => `{M}` v1.5.4', "v1.5.4"),
    (f"replace (\r\n\t{M} => {M} v1.5.4 // up\r\n)\r", "v1.5.4"),
    # another version of it is replaced, or another module
    (f"replace {M} v1.3.9 => ../fork", "v1.4.0"),
    (f"replace {M} v1.4.0-rc.1 => example.com/fork v9.0.0", "v1.4.0"),
    (f"replace {M}/v2 => ../fork", "v1.4.0"),
    (f"replace example.com/n => {M} v1.9.0", "v1.4.0"),
    (f"replace {M} v1.3.9 => ../fork\nreplace {M} v1.4.0 => {M} v1.5.4", "v1.5.4"),
    # other blocks that name it
    (f"exclude {M} v1.5.0", "v1.4.0"),
    (f"tool {M}", "v1.4.0"),
    (f"tool (\n\t{M}/cmd/a\n\t{M}/cmd/b\n)", "v1.4.0"),
    ("godebug default=go1.21\ngodebug (\n\tpanicnil=1\n)", "v1.4.0"),
    ("retract v1.0.0 // oops", "v1.4.0"),
    ("retract (\n\t[v1.0.0, v1.9.9]\n\tv2.0.0\n)\nignore ./node_modules", "v1.4.0"),
    ("toolchain go1.24.1", "v1.4.0"),
    (f"// replace {M} => ../fork", "v1.4.0"),
    (f"replace (\n\t// {M} => ../fork\n)", "v1.4.0"),
]


@pytest.mark.parametrize(("text", "version"), KNOWN)
def test_its_own_version_is_known(text: str, version: str) -> None:
    """Required, or replaced by another version of itself; both readers say the same."""
    assert read_go_mod(HEAD + text)[M] == version
    assert read_strictly(HEAD + text)[M] == version
    assert agreed(HEAD + text)[M] == version


def test_what_the_readers_disagree_about_is_not_agreed() -> None:
    """Go takes the greater of two requirements; only the second reader refuses to choose."""
    text = f"{HEAD}require {M} v1.6.0\n"
    assert read_go_mod(text)[M] == "v1.6.0"
    assert M not in read_strictly(text)
    assert agreed(text) == {"example.com/n": "v1.0.0"}


@pytest.mark.parametrize("odd", ["\f", "\v", "\x85", "\u2028", "\x1c"])
def test_a_line_ends_where_gos_does(odd: str) -> None:
    """What only Python takes for the end of a line must not bring a comment to life."""
    text = f"{HEAD}// as it was{odd}require {M} v1.9.0\n"
    assert read_go_mod(text)[M] == "v1.4.0"
    assert read_strictly(text)[M] == "v1.4.0"
