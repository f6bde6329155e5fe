"""The distro's hard specs, where its archive is at hand: which pins a bump of each rewrites."""

import hashlib
import tarfile
from collections.abc import Mapping
from functools import cache
from pathlib import Path

import pytest

from octobot.model.bump import Answer, Ask, Bumped, CommitOf, DigestOf
from octobot.model.ids import Version
from octobot.model.reasons import Reason
from octobot.model.release import Candidate, Release
from octobot.specs.bump.bump import bump

ARCHIVE = Path(__file__).parents[3] / "shared" / "data" / "wolfi-os-2026-08-22.tar.gz"

pytestmark = pytest.mark.skipif(not ARCHIVE.exists(), reason="the distro is not at hand")

MAIN = "pipeline[0].with.expected-commit"

HARD: dict[str, tuple[str, tuple[str, ...], tuple[str, ...]]] = {
    # package: the version to go to, the pins that change, the refs or addresses that are asked
    "gnupg": (
        "2.4.10",
        (MAIN, "pipeline[1].with.expected-commit"),
        ("refs/tags/gnupg-2.4.10", "refs/tags/source-2.4.10-freepg-1"),
    ),
    "ascan": ("2.7.3", (MAIN,), ("refs/tags/v2.7.3",)),
    "glew": ("2.3.2", (MAIN,), ("refs/tags/glew-2.3.2",)),
    "gitlab-runner-19.3": ("19.3.1", (MAIN,), ("refs/tags/v19.3.1",)),
    "ingress-nginx-controller-1.15": ("1.15.11", (MAIN,), ("refs/tags/controller-v1.15.11",)),
    "tinydir": ("1.2.7", ("vars.expected-commit",), ("refs/tags/1.2.7",)),
    "ruby3.3-yajl-ruby": ("1.4.4", ("vars.commit",), ("refs/heads/master",)),
    "glibc-2.43": ("2.44", ("vars.glibc-expected-commit",), ("refs/heads/release/2.44/master",)),
    "tclap": ("1.5", (MAIN,), ("refs/heads/1.5",)),
    "py3-pip": ("26.2.2", (MAIN,), ("refs/tags/26.2.2",)),
    "nginx-mainline": (
        "1.31.5",
        ("pipeline[1].with.expected-commit",),
        ("refs/tags/release-1.31.5",),
    ),
    "nodejs-24": ("24.19.1", (MAIN,), ("refs/tags/v24.19.1",)),
    "postgresql-18": ("18.7", (MAIN,), ("refs/tags/REL_18_7",)),
    "curl": ("8.21.1", (MAIN,), ("refs/tags/curl-8_21_1",)),
    "xorg-server": ("21.1.25", (MAIN,), ("refs/tags/xorg-server-21.1.25",)),
    "bun-bootstrap": (
        "1.4.1",
        tuple(f"pipeline[0].pipeline[{n}].with.expected-sha256" for n in (0, 1)),
        ("bun-v1.4.1/bun-linux-aarch64.zip", "bun-v1.4.1/bun-linux-x64.zip"),
    ),
    "google-cloud-sdk": (
        "581.0.1",
        ("pipeline[0].with.expected-sha256", "pipeline[1].with.expected-sha256"),
        ("581.0.1-linux-x86_64.tar.gz", "581.0.1-linux-arm.tar.gz"),
    ),
    "docker-29": ("29.7.3", (MAIN,), ("refs/tags/docker-v29.7.3",)),
    "kpt": ("1.0.0_beta56", (MAIN,), ("refs/tags/v1.0.0-beta.56",)),
    "sudo": ("1.9.17_p3", (MAIN,), ("refs/tags/v1.9.17p3",)),
    "busybox": ("1.38.1", (MAIN,), ("refs/tags/1_38_1",)),
    "net-tools": ("2.20", (MAIN,), ("refs/tags/v2.20",)),
    "pcre2": ("10.50", (MAIN,), ("refs/tags/pcre2-10.50",)),
    "dotnet-sdk-10.0.1": ("10.0.112", (MAIN,), ("refs/tags/v10.0.112",)),
    "openjdk-8": ("8.505", (MAIN,), ("refs/tags/jdk8u505-ga",)),
    "gcc-15": ("15.3.1", (MAIN,), ("refs/tags/releases/gcc-15.3.1",)),
    "k3s": ("1.36.3.2", (MAIN,), ("refs/tags/v1.36.3+k3s2",)),
    "libmspack": ("0.12_alpha", (MAIN,), ("refs/tags/v0.12alpha",)),
    "exploitdb": ("2026.08.20", (MAIN,), ("refs/tags/2026-08-20",)),
    "gnulib": ("2026.07.08_git20260707", (MAIN,), ("refs/heads/master",)),
    "perl-sub-identify": ("0.15", (MAIN,), ("HEAD",)),
    "sops": ("3.13.4", (MAIN, f"test.{MAIN}"), ("refs/tags/v3.13.4",)),
    "msgpack-c": ("7.0.2", (MAIN,), ("refs/tags/c-7.0.2",)),
    "pg_cron-18": ("1.6.8", (MAIN,), ("refs/tags/v1.6.8",)),
    "dart": ("3.13.2", ("pipeline[3].with.expected-commit",), ("refs/tags/3.13.2",)),
}


@cache
def _distro() -> Mapping[str, str]:
    wanted = {f"{name}.yaml" for name in HARD}
    with tarfile.open(ARCHIVE) as archive:
        return {
            path: file.read().decode()
            for member in archive
            if (path := member.name.removeprefix("./")) in wanted
            if (file := archive.extractfile(member)) is not None
        }


def _answer(ask: Ask) -> Answer:
    """Make a digest up of the question itself, so that every source has its own."""
    match ask:
        case CommitOf():
            return hashlib.sha1(repr(ask).encode()).hexdigest()  # noqa: S324  (made up)
        case DigestOf(uri=uri, algorithm=algorithm):
            return hashlib.new(algorithm, uri.encode()).hexdigest()
        case _:
            return None


def _drive(name: str, version: str, *, stays: str) -> tuple[Bumped | Reason, list[str]]:
    """Bump the spec; files whose address has no `stays` cannot be had."""
    target = Candidate(Release(version), Version(version))
    conversation = bump(f"{name}.yaml", _distro()[f"{name}.yaml"], target)
    asked: list[str] = []
    answer: Answer = None
    while True:
        try:
            ask = conversation.send(answer)
        except StopIteration as end:
            made: Bumped | Reason = end.value
            return made, asked
        moves = not isinstance(ask, DigestOf) or stays in ask.uri
        answer = _answer(ask) if moves else None
        if moves and isinstance(ask, CommitOf | DigestOf):
            asked.append(ask.ref if isinstance(ask, CommitOf) else ask.uri)


@pytest.mark.parametrize("name", HARD)
def test_a_hard_spec_gets_the_right_pins(name: str) -> None:
    """Those of its version and no others, each asked where its own source is."""
    version, pins, sources = HARD[name]
    made, asked = _drive(name, version, stays=version)
    assert isinstance(made, Bumped), made
    fields = [change.field for change in made.changes]
    assert [field for field in fields if not field.startswith("package.")] == list(pins)
    assert len(asked) == len(sources)
    for wanted, found in zip(sources, asked, strict=True):
        assert found.endswith(wanted)
    assert f'  version: "{version}"' in made.text
    before = _distro()[f"{name}.yaml"].splitlines()
    changed = [
        one for one, other in zip(before, made.text.splitlines(), strict=True) if one != other
    ]
    assert len(changed) == len(made.changes)
