"""The CI examines what a change touches, and fails for real reasons."""

import hashlib
from collections.abc import AsyncIterator
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path

import pytest

from octobot.sandbox.ci import ci
from octobot.sandbox.server import Sandbox
from octobot.sandbox.upstreams import git
from octobot.sandbox.upstreams.pages import packed
from octobot.sandbox.upstreams.upstreams import Upstreams

AT = datetime(2026, 1, 2, 3, 4, 5, tzinfo=UTC)
SABLE = "https://git.example.org/sable.git"
TARBALL = "https://downloads.example.org/sable-2.tar.gz"
SOURCE = "one\ntwo\nthree\nfour\nfive\n"
PATCH = b"--- a/src/x\n+++ b/src/x\n@@ -1,5 +1,5 @@\n one\n two\n-three\n+3\n four\n five\n"
SPEC = """\
package:
  name: sable
  version: "{version}"
  epoch: {epoch}
pipeline:
{steps}"""


def spec(version: str, steps: str = "", *, epoch: int = 0) -> str:
    """Write a spec."""
    return SPEC.format(version=version, epoch=epoch, steps=steps)


def checkout(commit: str, repository: str = SABLE, ref: str = "tag: v${{package.version}}") -> str:
    """Write a git-checkout step."""
    lines = ("uses: git-checkout", "with:", f"  repository: {repository}", f"  {ref}")
    return "  - " + "\n    ".join([*lines, f"  expected-commit: {commit}"]) + "\n"


PATCHING = "  - uses: patch\n    with: {patches: fix.patch}\n"


@dataclass(frozen=True, slots=True)
class Distro:
    """A distro of one spec, and the CI over it."""

    git_dir: Path
    upstreams: Upstreams

    async def examine(self, before: str, after: str, *, job: ci.Job = "build") -> ci.Result:
        """Let a change of the spec pass through the CI."""
        base = {"sable.yaml": before.encode(), "sable/fix.patch": PATCH}
        await git.write(self.git_dir, [git.Commit("Base", AT, base)])
        await git.write(self.git_dir, [git.Commit("Bump", AT, {"sable.yaml": after.encode()})])
        names = [await git.resolve(self.git_dir, name) for name in ("main", "main~1")]
        head = ci.Head(self.git_dir, str(names[0]), str(names[1]))
        return await ci.examine(job, head, upstreams=self.upstreams, clock=lambda: AT)

    async def commit(self, ref: str, url: str = SABLE) -> str:
        """Read what a ref of an upstream names, peeled."""
        source = self.upstreams.locate(url)
        assert source is not None
        return str(await git.resolve(source.git_dir, ref))


@pytest.fixture
async def distro(tmp_path: Path) -> AsyncIterator[Distro]:
    """Set up a distro whose upstream has two tags: one that the patch fits and one it does not."""
    async with Sandbox(tmp_path / "github") as sandbox:
        upstreams = Upstreams(sandbox, tmp_path / "upstreams")
        fits, rewritten = {"src/x": SOURCE.encode()}, {"src/x": b"all new\n"}
        await upstreams.write(
            SABLE,
            [
                git.Commit("1", AT, fits, tags=("v1",), annotated=True),
                git.Commit("2", AT, {"NEWS": b"2\n"}, tags=("v2",), annotated=True),
                git.Commit("3", AT, rewritten, tags=("v3",)),
            ],
        )
        await git.create(tmp_path / "distro.git")
        yield Distro(tmp_path / "distro.git", upstreams)


async def test_a_true_bump_passes(distro: Distro) -> None:
    """The commit is the tag's, the patch still applies."""
    before = spec("1", checkout(await distro.commit("v1")) + PATCHING)
    after = spec("2", checkout(await distro.commit("v2")) + PATCHING)
    result = await distro.examine(before, after)
    assert result.conclusion == "success", result.log
    assert "Applied patch src/x cleanly" in result.log


async def test_a_patch_that_no_longer_applies_fails_with_gits_own_words(distro: Distro) -> None:
    """The log shows which patch, which file and which line."""
    before = spec("2", checkout(await distro.commit("v2")) + PATCHING)
    after = spec("3", checkout(await distro.commit("v3")) + PATCHING)
    result = await distro.examine(before, after)
    assert result.conclusion == "failure"
    assert result.summary == ("build failed: [patch] fix.patch does not apply: exit status 1")
    assert "error: patch failed: src/x:1" in result.log
    assert result.log.index("patch failed") < result.log.index("##[error]Process completed")


async def test_the_log_has_the_form_of_github_actions(distro: Distro) -> None:
    """Each line begins with the runner's own time."""
    result = await distro.examine(spec("1"), spec("2"))
    lines = result.log.splitlines()
    assert lines[0] == "2026-01-02T03:04:05.0000000Z ##[group]Run actions/checkout"
    assert all(line.startswith("2026-01-02T03:04:05.0000000Z ") for line in lines)


@pytest.mark.parametrize(
    ("old", "new", "conclusion"),
    [
        ("1.9", "1.10", "success"),
        ("1.10", "1.9", "failure"),
        ("1.0", "1.0", "failure"),
        ("1.0_rc1", "1.0", "success"),
        ("1.0", "v2.0", "failure"),
        ("1.0", "2.0$(id)", "failure"),
    ],
)
async def test_the_version_must_be_greater(
    distro: Distro, old: str, new: str, conclusion: str
) -> None:
    """Both jobs refuse a version that is not greater, and text that is no spec."""
    after = spec(new).replace("epoch: 0", "epoch: 0 ")
    for job in ci.JOBS:
        assert (await distro.examine(spec(old), after, job=job)).conclusion == conclusion


async def test_a_rebuild_raises_the_epoch(distro: Distro) -> None:
    """The same version passes with a greater epoch."""
    result = await distro.examine(spec("1.0", epoch=3), spec("1.0", epoch=4))
    assert result.conclusion == "success", result.log


@pytest.mark.parametrize("wrong", ["0" * 40, "v2", "refs/tags/v2", "--help"])
async def test_a_commit_that_is_not_the_tags_fails(distro: Distro, wrong: str) -> None:
    """Whatever is there instead of the peeled commit is refused."""
    before = spec("1", checkout(await distro.commit("v1")))
    result = await distro.examine(before, spec("2", checkout(wrong)))
    assert result.conclusion == "failure"
    assert f"expected commit {wrong}, got {await distro.commit('v2')}" in result.log


async def test_the_tag_object_is_not_the_commit(distro: Distro) -> None:
    """An annotated tag's own id in the pin is a mistake that melange only warns of."""
    source = distro.upstreams.locate(SABLE)
    assert source is not None
    object_id = (await git.run_git(source.git_dir, "rev-parse", "refs/tags/v2")).decode().strip()
    result = await distro.examine(spec("1"), spec("2", checkout(object_id)))
    assert result.conclusion == "failure"


@pytest.mark.parametrize("repository", [SABLE, "https://git.example.org/none.git"])
async def test_a_changed_pin_must_be_there(distro: Distro, repository: str) -> None:
    """A tag or repository that does not exist fails the build."""
    result = await distro.examine(spec("3"), spec("4", checkout("a" * 40, repository)))
    assert result.conclusion == "failure"
    assert "has no refs/tags/v4" in result.log


async def test_an_untouched_foreign_pin_is_skipped_and_said(distro: Distro) -> None:
    """What the change did not touch and the sandbox never had does not fail it."""
    foreign = checkout("a" * 40, "https://git.example.org/none.git", "tag: fixed")
    result = await distro.examine(spec("1", foreign), spec("2", foreign))
    assert result.conclusion == "success"
    assert "untouched by this change: skipped" in result.log


async def test_a_moved_tag_fails_even_an_untouched_pin(distro: Distro) -> None:
    """The commit is still known, but the tag is elsewhere: that is no foreign pin."""
    pinned = checkout(await distro.commit("v2"), SABLE, "tag: v2")
    moved = git.Commit("Again", AT, {"NEWS": b"?\n"}, tags=("v2",), moves=True)
    await distro.upstreams.write(SABLE, [moved])
    result = await distro.examine(spec("1", pinned), spec("2", pinned))
    assert result.conclusion == "failure"


async def test_a_branch_may_have_moved_on(distro: Distro) -> None:
    """A commit pinned on a branch stays true while the branch contains it."""
    older = checkout(await distro.commit("v1"), SABLE, "branch: main")
    assert (await distro.examine(spec("1"), spec("2", older))).conclusion == "success"
    await distro.upstreams.write(
        SABLE, [git.Commit("Aside", AT, {"x": b"x"}, branch="other", tags=("aside",))]
    )
    aside = checkout(await distro.commit("aside"), SABLE, "branch: main")
    assert (await distro.examine(spec("1"), spec("2", aside))).conclusion == "failure"


@pytest.mark.parametrize("algorithm", ["sha256", "sha512"])
async def test_a_digest_must_match(distro: Distro, algorithm: str) -> None:
    """The file is hashed, and unpacked for the patches that follow."""
    content = packed({"sable-2/src/x": SOURCE.encode()})
    distro.upstreams.put_file(TARBALL, content)
    step = (
        "  - uses: fetch\n    with:\n"
        "      uri: https://downloads.example.org/sable-${{package.version}}.tar.gz\n"
        f"      expected-{algorithm}: {{digest}}\n" + PATCHING
    )
    right = hashlib.new(algorithm, content).hexdigest()
    good = await distro.examine(spec("1"), spec("2", step.replace("{digest}", right)))
    assert good.conclusion == "success", good.log
    assert "Applied patch src/x cleanly" in good.log
    bad = await distro.examine(spec("1"), spec("2", step.replace("{digest}", "0" * len(right))))
    assert bad.conclusion == "failure"
    assert f"got {right}" in bad.log


async def test_patches_prove_nothing_on_placeholders(distro: Distro) -> None:
    """On a provided repository the commit is checked and the patch is skipped, said in the log."""
    url = "https://git.example.org/real.git"
    commit = await distro.upstreams.provide_ref(url, "refs/tags/v2")
    result = await distro.examine(spec("1"), spec("2", checkout(commit, url) + PATCHING))
    assert result.conclusion == "success", result.log
    assert "the sources are not as they would be here: skipped" in result.log


async def test_patches_prove_nothing_after_commands(distro: Distro) -> None:
    """A `runs` before the patch may have changed the sources; this CI runs nobody's commands."""
    steps = checkout(await distro.commit("v3")) + "  - runs: git revert HEAD\n" + PATCHING
    result = await distro.examine(spec("1"), spec("3", steps))
    assert result.conclusion == "success"
    assert "the sources are not as they would be here: skipped" in result.log


async def test_an_unknown_template_is_skipped_and_said(distro: Distro) -> None:
    """The CI does not fail what it cannot evaluate."""
    unknown = checkout("a" * 40, "https://git.example.org/${{targets.name}}")
    result = await distro.examine(spec("1"), spec("2", unknown))
    assert result.conclusion == "success"
    assert "a template that this CI does not evaluate: skipped" in result.log


@pytest.mark.parametrize(
    ("after", "because"),
    [
        ("package: [", "failed to load sable.yaml: while parsing"),
        (spec("2").replace("name: sable", "name: other"), "not named after its package"),
        (spec("2", PATCHING.replace("fix", "none")), "none.patch: No such file or directory"),
    ],
)
async def test_a_broken_spec_fails(distro: Distro, after: str, because: str) -> None:
    """What cannot be built is said in the log."""
    result = await distro.examine(spec("1"), after)
    assert result.conclusion == "failure"
    assert because in result.log


async def test_a_change_of_no_spec_passes(distro: Distro) -> None:
    """A removed spec and other files leave nothing to build."""
    await distro.examine(spec("1"), spec("2"))
    gone = git.Commit("Remove", AT, {"sable.yaml": None, "README.md": b"Hello\n"})
    await git.write(distro.git_dir, [gone])
    names = [await git.resolve(distro.git_dir, name) for name in ("main", "main~1")]
    head = ci.Head(distro.git_dir, str(names[0]), str(names[1]))
    result = await ci.examine("build", head, upstreams=distro.upstreams, clock=lambda: AT)
    assert result.conclusion == "success"
    assert "melange build" not in result.log
