"""The law of releases: what is signed says where it was made; what runs cannot be moved."""

import json
import os
import re
import subprocess
import sys

import pytest
import yaml

from octobot import __version__
from tests.lock import ROOT

RUN = {
    "GITHUB_SERVER_URL": "https://github.example",
    "GITHUB_REPOSITORY": "org/octobot",
    "GITHUB_REPOSITORY_ID": "1",
    "GITHUB_REPOSITORY_OWNER_ID": "2",
    "GITHUB_REF": "refs/tags/v0.1.0",
    "GITHUB_SHA": "3" * 40,
    "GITHUB_EVENT_NAME": "push",
    "GITHUB_WORKFLOW_REF": "org/octobot/.github/workflows/release.yml@refs/tags/v0.1.0",
    "GITHUB_RUN_ID": "4",
    "GITHUB_RUN_ATTEMPT": "5",
    "RUNNER_ENVIRONMENT": "github-hosted",
}
STEPS = [
    (path, step)
    for path in sorted((ROOT / ".github/workflows").glob("*.yml"))
    for job in yaml.safe_load(path.read_text())["jobs"].values()
    for step in job.get("steps", [])
]


def provenance(*images: str) -> subprocess.CompletedProcess[str]:
    """Run the script as the release does."""
    return subprocess.run(  # noqa: S603  (our own script)
        [sys.executable, ".ci/provenance.py", *images],
        cwd=ROOT,
        env={**os.environ, **RUN},
        check=False,
        capture_output=True,
        text=True,
    )


def test_a_provenance_names_the_commit_the_run_and_the_base() -> None:
    """The three things somebody who verifies must be able to look up."""
    found = json.loads(provenance(f"docker.io/library/python:3@sha256:{'6' * 64}").stdout)
    source, base = found["buildDefinition"]["resolvedDependencies"]
    assert source == {
        "uri": "git+https://github.example/org/octobot@refs/tags/v0.1.0",
        "digest": {"gitCommit": "3" * 40},
    }
    assert base == {
        "uri": "pkg:docker/docker.io/library/python:3",
        "digest": {"sha256": "6" * 64},
    }
    assert found["buildDefinition"]["externalParameters"]["workflow"] == {
        "ref": "refs/tags/v0.1.0",
        "repository": "https://github.example/org/octobot",
        "path": ".github/workflows/release.yml",
    }
    run = found["runDetails"]
    assert run["builder"]["id"] == f"https://github.example/{RUN['GITHUB_WORKFLOW_REF']}"
    assert run["metadata"]["invocationId"].endswith("/org/octobot/actions/runs/4/attempts/5")


@pytest.mark.parametrize("image", ["python:3", "python:3@sha256:", "python@sha256:12"])
def test_a_base_without_a_digest_has_no_provenance(image: str) -> None:
    """A registry that answered nothing must end the release, not be signed."""
    done = provenance(image)
    assert done.returncode == 1
    assert "not an image by its digest" in done.stderr
    assert done.stdout == ""


def test_every_action_is_named_by_a_commit() -> None:
    """One commit for each action, the same in all workflows: one place to look it up."""
    commits: dict[str, set[str]] = {}
    for path, step in STEPS:
        if uses := step.get("uses"):
            name, _, commit = uses.partition("@")
            assert re.fullmatch(r"[0-9a-f]{40}", commit), f"{path.name}: {uses}"
            commits.setdefault(name, set()).add(commit)
    assert {name: len(each) for name, each in commits.items()} == dict.fromkeys(commits, 1)


def test_every_tool_that_go_builds_has_a_version() -> None:
    """Go's checksum database confirms a version for ever, and `latest` for a day."""
    texts = [step["run"] for _, step in STEPS if "run" in step]
    texts.append((ROOT / ".ci/deploy").read_text())
    tools = [tool for text in texts for tool in re.findall(r"\bgo (?:install|run) (\S+)", text)]
    assert len(tools) == 3
    for tool in tools:
        assert re.fullmatch(r"\S+@v[0-9]+\.[0-9]+\.[0-9]+", tool), tool


def test_the_release_refuses_a_tag_that_is_not_the_version() -> None:
    """The workflow's own script, on this checkout, with a docker that only knows a digest."""
    (script,) = [step["run"] for _, step in STEPS if step.get("id") == "read"]
    docker = 'docker() { echo "sha256:$(printf %064d 7)"; }\n'
    for tag, status in ((f"v{__version__}", 0), ("v0.0.1", 1), (__version__, 1)):
        done = subprocess.run(  # noqa: S603  (our own words)
            ["/bin/bash", "-euo", "pipefail", "-c", docker + script],
            cwd=ROOT,
            env={
                **os.environ,
                "GITHUB_REF_NAME": tag,
                "GITHUB_REPOSITORY": "Org/Octobot",
                "GITHUB_OUTPUT": "/dev/stdout",
            },
            check=False,
            capture_output=True,
            text=True,
        )
        assert done.returncode == status, tag
        if status == 0:
            assert f"version={__version__}\n" in done.stdout
            assert "image=ghcr.io/org/octobot\n" in done.stdout
            assert re.search(
                r"^base=docker\.io/library/python:\S+@sha256:0{63}7$", done.stdout, re.MULTILINE
            )
