"""The bump: which bytes change, what is asked, and what is refused."""

import pytest

from octobot.model.bump import Bumped, CommitOf, DigestOf
from octobot.model.reasons import Reason, ReasonCode
from octobot.specs.bump.bump import bump, rebuild
from tests.specs.bumping import (
    BRANCH,
    FETCH,
    HELLO,
    NEW,
    NEW_256,
    OLD,
    OLD_256,
    OTHER,
    SPEC,
    bumped,
    candidate,
    digest,
    drive,
    head,
    refused,
    tag,
)


def test_exactly_the_intended_bytes_change() -> None:
    """Version, epoch and commit; the comment behind the epoch and all else stay."""
    result = bumped(SPEC, "1.3.0", tag("v1.3.0"))
    assert result.text == SPEC.replace('"1.2.3"', '"1.3.0"').replace(
        "epoch: 4", "epoch: 0"
    ).replace(OLD, NEW)
    assert [(c.field, c.line, c.before, c.after) for c in result.changes] == [
        ("package.version", 3, "1.2.3", "1.3.0"),
        ("package.epoch", 4, "4", "0"),
        ("pipeline[0].with.expected-commit", 13, OLD, NEW),
    ]


@pytest.mark.parametrize("written", ["1.2.3", "'1.2.3'", '"1.2.3"'])
def test_the_version_is_always_double_quoted(written: str) -> None:
    """However it was written before."""
    result = bumped(SPEC.replace('"1.2.3"', written), "1.10", tag("v1.10"))
    assert '  version: "1.10"\n' in result.text


@pytest.mark.parametrize("quote", ["", "'", '"'])
def test_pins_keep_their_quotes(quote: str) -> None:
    """A commit is written as it was before."""
    text = SPEC.replace(OLD, f"{quote}{OLD}{quote} # pinned")
    assert f"expected-commit: {quote}{NEW}{quote} # pinned\n" in bumped(text, "2", tag("v2")).text


def test_windows_line_ends_stay() -> None:
    """CRLF is kept, byte for byte."""
    text = SPEC.replace("\n", "\r\n")
    result = bumped(text, "2", tag("v2"))
    assert result.text.count("\r\n") == text.count("\r\n")
    assert result.text.replace("\r\n", "\n") == bumped(SPEC, "2", tag("v2")).text


def test_a_digest_is_rewritten() -> None:
    """The file at the new address is what is asked for."""
    uri = "https://example.com/hello-2.tar.gz"
    outcome, asked = drive(bump("hello.yaml", FETCH, candidate("2")), digest(uri))
    assert asked == [DigestOf(uri, "sha256")]
    assert isinstance(outcome, Bumped)
    assert f"expected-sha256: '{NEW_256}'\n" in outcome.text


def test_each_checkout_asks_for_itself() -> None:
    """gnupg: two repositories, both version-tagged; the third is not of this version."""
    second = f"""\
  - uses: git-checkout
    with:
      repository: https://example.com/extra
      tag: extra-${{{{package.version}}}}-1
      expected-commit: {OLD}
  - uses: git-checkout
    with:
      repository: https://example.com/fixed
      branch: main
      expected-commit: {OLD}
  - uses: git-checkout
    with:
      repository: https://example.com/frozen
      tag: v7
      expected-commit: {OLD}
"""
    text = SPEC.replace("\n  - uses: go/build", second + "\n  - uses: go/build")
    answers = tag("v2") | tag("extra-2-1", OTHER, "https://example.com/extra")
    outcome, asked = drive(bump("hello.yaml", text, candidate("2")), answers)
    assert isinstance(outcome, Bumped)
    assert len(asked) == 2
    assert [outcome.text.count(sha) for sha in (OLD, NEW, OTHER)] == [2, 1, 1]
    assert outcome.text.index(NEW) < outcome.text.index(OTHER) < outcome.text.index(OLD)


def test_transforms_reach_the_tag() -> None:
    """var-transforms are computed again with the new version."""
    text = SPEC.replace("tag: v${{package.version}}", "tag: ${{vars.mangled}}") + (
        "var-transforms:\n"
        "  - from: ${{package.version}}\n    match: \\.\n    replace: _\n    to: dashed\n"
        "  - from: ${{vars.dashed}}\n    match: ^(.*)$\n    replace: release-$1\n    to: mangled\n"
    )
    assert NEW in bumped(text, "2.0.1", tag("release-2_0_1")).text


def test_a_commit_in_a_var_is_rewritten_there() -> None:
    """tinydir: repository and commit in vars, used again in tests; one scalar changes, once."""
    text = SPEC.replace(f"expected-commit: {OLD}", "expected-commit: ${{vars.commit}}") + (
        f"vars:\n  commit: '{OLD}' # see the notes\n"
        f"test:\n  pipeline:\n    - uses: git-checkout\n      with:\n        repository: {HELLO}\n"
        "        tag: v${{package.version}}\n        expected-commit: ${{vars.commit}}\n"
    )
    result = bumped(text, "2", tag("v2"))
    assert result.text.count(NEW) == 1
    assert f"  commit: '{NEW}' # see the notes\n" in result.text
    assert "expected-commit: ${{vars.commit}}" in result.text


def test_two_sources_cannot_share_a_pin_with_two_values() -> None:
    """One var for two commits is a question for a person."""
    text = SPEC.replace(f"expected-commit: {OLD}", "expected-commit: ${{vars.commit}}") + (
        f"vars:\n  commit: {OLD}\n"
        "test:\n  pipeline:\n    - uses: git-checkout\n      with:\n"
        "        repository: https://example.com/t\n        tag: v${{package.version}}\n"
        "        expected-commit: ${{vars.commit}}\n"
    )
    reason = refused(text, "2", tag("v2") | tag("v2", OTHER, "https://example.com/t"))
    assert reason.code is ReasonCode.PIN_UNRESOLVED


def test_a_range_holds_one_hash_each() -> None:
    """font-lohit-extras: one fetch, hashes in data."""
    text = FETCH + (
        f'data:\n  - name: fonts\n    items:\n      de: {OLD_256}\n      fr: "{OLD_256}"\n'
        "subpackages:\n  - range: fonts\n    name: f-${{range.key}}\n    pipeline:\n"
        "      - uses: fetch\n        with:\n"
        "          uri: https://example.com/${{range.key}}-${{package.version}}.gz\n"
        "          expected-sha256: ${{range.value}}\n"
    )
    answers = (
        digest("https://example.com/hello-2.tar.gz")
        | digest("https://example.com/de-2.gz", "c" * 64)
        | digest("https://example.com/fr-2.gz", "d" * 64)
    )
    result = bumped(text, "2", answers)
    assert f'      de: {"c" * 64}\n      fr: "{"d" * 64}"\n' in result.text


def test_an_architecture_has_its_own_hash() -> None:
    """google-cloud-sdk: `if:` names the architecture, which the uri may use."""
    step = (
        "  - if: ${{{{build.arch}}}} == {quote}{arch}{quote}\n    uses: fetch\n    with:\n"
        "      uri: https://example.com/${{{{package.version}}}}-${{{{build.arch}}}}.gz\n"
        "      expected-sha256: {value}\n"
    )
    before, _, after = SPEC.partition("  - uses: git-checkout")
    rest = after[after.index("\n  - uses: go/build") :]
    steps = step.format(quote="'", arch="x86_64", value=OLD_256) + step.format(
        quote='"', arch="aarch64", value="e" * 64
    )
    answers = digest("https://example.com/2-x86_64.gz") | digest(
        "https://example.com/2-aarch64.gz", "f" * 64
    )
    result = bumped(before + steps + rest, "2", answers)
    assert result.text.index(NEW_256) < result.text.index("f" * 64)
    assert OLD_256 not in result.text


def test_a_moved_branch_takes_the_head() -> None:
    """A new `_git` version: the head's commit, epoch 0."""
    result = bumped(BRANCH, "1.2.3_git20260822", head("main"))
    assert NEW in result.text
    assert 'version: "1.2.3_git20260822"\n  epoch: 0' in result.text


def test_a_branch_that_moved_within_the_day_raises_the_epoch() -> None:
    """The same version: only commit and epoch change."""
    result = bumped(BRANCH, "1.2.3", head("main"))
    assert result.text == BRANCH.replace(OLD, NEW).replace("epoch: 4", "epoch: 5")


def test_a_checkout_without_ref_takes_the_head() -> None:
    """perl-sub-identify: neither tag nor branch."""
    text = SPEC.replace("      tag: v${{package.version}}\n", "")
    assert NEW in bumped(text, "2", {CommitOf(HELLO, "HEAD"): NEW}).text


def test_a_new_tag_on_the_old_commit_is_a_bump() -> None:
    """Upstreams tag a commit twice; the version is new all the same."""
    result = bumped(SPEC, "2", tag("v2", OLD))
    assert [change.field for change in result.changes] == ["package.version", "package.epoch"]


def test_a_spec_without_sources_bumps_its_version() -> None:
    """What a pipeline downloads by itself is not visible."""
    before, _, after = SPEC.partition("  - uses: git-checkout")
    text = before + after[after.index("  - uses: go/build") :]
    assert '"2"' in bumped(text, "2", {}).text


def test_a_rebuild_raises_the_epoch_alone() -> None:
    """Followers of a package are rebuilt at the same version."""
    result = rebuild("hello.yaml", SPEC)
    assert isinstance(result, Bumped)
    assert result.text == SPEC.replace("epoch: 4", "epoch: 5")
    assert isinstance(rebuild("hello.yaml", "- a"), Reason)
    assert isinstance(rebuild("other.yaml", SPEC), Reason)
