"""How the CI reads a spec and its templates."""

import pytest

from octobot.sandbox.ci.spec import Spec, Unreadable, read

HEAD = 'package:\n  name: quill\n  version: "1.36.3.1"\n  epoch: 4\n'


def spec(text: str) -> Spec:
    """Read a spec that must be readable."""
    found = read(HEAD + text)
    assert isinstance(found, Spec)
    return found


@pytest.mark.parametrize(
    ("match", "replace", "value"),
    [
        (r"\.(\d+)$", "+k3s$1", "1.36.3+k3s1"),
        (r"^(\d+)\.(\d+).*", "$2-$1", "36-1"),
        (r"^(\d+)\.(\d+)", "${1}_beta", "1_beta.3.1"),
        # Go takes the longest name, and the group `1_beta` does not exist.
        (r"^(\d+)\.(\d+)", "$1_beta", ".3.1"),
        (r"\.", "", "13631"),
        (r"^(?P<major>\d+)\..*", "$major$$", "1$"),
    ],
)
def test_var_transforms_replace_as_go_does(match: str, replace: str, value: str) -> None:
    """Replacement strings are Go's: names, braces, and the longest-name rule."""
    found = spec(
        "var-transforms:\n  - from: ${{package.version}}\n"
        f"    match: '{match}'\n    replace: '{replace}'\n    to: tag\n"
        "pipeline:\n  - uses: git-checkout\n    with: {tag: '${{vars.tag}}'}\n"
    )
    assert found.steps[0].value("tag") == value


def test_vars_may_use_the_package_and_each_other() -> None:
    """A var's own templates are evaluated in the order of the file."""
    found = spec(
        "vars:\n  base: v${{package.version}}\n  tag: ${{vars.base}}-r${{package.epoch}}\n"
        "pipeline:\n  - uses: fetch\n    with: {uri: 'https://x/${{vars.tag}}'}\n"
    )
    assert found.steps[0].value("uri") == "https://x/v1.36.3.1-r4"


def test_an_unknown_template_is_no_value() -> None:
    """What the CI cannot evaluate is distinct from an empty text."""
    found = spec("pipeline:\n  - uses: fetch\n    with: {uri: 'https://x/${{build.goarch}}'}\n")
    assert found.steps[0].value("uri") is None
    assert found.steps[0].value("expected-sha256") == ""


def test_steps_are_found_wherever_melange_has_them() -> None:
    """Nested pipelines, subpackages, ranges and tests are all walked, each with its scope."""
    found = spec(
        "data:\n  - name: fonts\n    items: {bold: aa, thin: bb}\n"
        "pipeline:\n  - pipeline:\n      - if: ${{build.arch}} == 'aarch64'\n"
        "        uses: fetch\n        with: {uri: '${{build.arch}}'}\n"
        "subpackages:\n  - name: x-${{range.key}}\n    range: fonts\n    pipeline:\n"
        "      - uses: fetch\n        with: {uri: '${{subpkg.name}}/${{range.value}}'}\n"
        "test:\n  pipeline:\n    - uses: git-checkout\n      with: {tag: '${{package.name}}'}\n"
    )
    assert [(step.where, step.value("uri") or step.value("tag")) for step in found.steps] == [
        ("pipeline[0].pipeline[0]", "aarch64"),
        ("subpackages[0].pipeline[0]", "x-bold/aa"),
        ("subpackages[0].pipeline[0]", "x-thin/bb"),
        ("test.pipeline[0]", "quill"),
    ]
    assert [step.in_test for step in found.steps] == [False, False, False, True]


@pytest.mark.parametrize(
    ("text", "because"),
    [
        ("package: [", "while parsing"),
        ("", "package.name is missing"),
        ("- a list", "package.name is missing"),
        ("package:\n  name: x\n  version: '1'\n  epoch: one\n", "not a number"),
    ],
)
def test_what_is_no_spec_is_said_in_words(text: str, because: str) -> None:
    """A broken file becomes a sentence of the log."""
    found = read(text)
    assert isinstance(found, Unreadable)
    assert because in found.because
