import gzip
import time
from pathlib import Path

import pytest
import re2

from octobot.model.pull_request import CheckRun, FailedCheck
from octobot.model.triage import (
    AddBuildPackage,
    Cause,
    CauseClass,
    DropCherryPick,
    DropDependency,
    DropPatch,
    Fix,
    RaiseDependency,
)
from octobot.triage.knowledge import package_names, packages
from octobot.triage.knowledge.rule import Known
from octobot.triage.knowledge.table import TABLE
from octobot.triage.log.triage import LogTriage

K = CauseClass
NAMES = Path(__file__).parents[3] / "shared" / "data"


def why(log: str, known: Known = None) -> Cause:
    """Diagnose a log, and return its cause."""
    check = CheckRun(7, "build", 15368, "completed", "failure")
    return LogTriage().diagnose(FailedCheck(check, log), known).why


LINES: list[tuple[str, CauseClass, str, Fix | None]] = [
    (
        "a.c:1:10: fatal error: openssl/ssl.h: No such file or directory",
        K.HEADER_MISSING,
        "The header openssl/ssl.h is missing",
        AddBuildPackage("openssl-dev"),
    ),
    (
        "x.cc:2:10: fatal error: 'sys/capability.h' file not found",
        K.HEADER_MISSING,
        "The header sys/capability.h is missing",
        AddBuildPackage("libcap-dev"),
    ),
    ("/usr/bin/ld: cannot find -lz", K.LIBRARY_MISSING, "", AddBuildPackage("zlib-dev")),
    ("  Could NOT find ZLIB (missing: ZLIB_LIBRARY)", K.LIBRARY_MISSING, "", None),
    ("No package 'libxml-2.0' found", K.PKG_CONFIG_MISSING, "", AddBuildPackage("libxml2-dev")),
    (
        'meson.build:3:1: ERROR: Dependency "gtk4" not found, tried pkgconfig',
        K.PKG_CONFIG_MISSING,
        "pkg-config does not know gtk4",
        AddBuildPackage("gtk-4-dev"),
    ),
    ("/bin/sh: 1: msgfmt: not found", K.COMMAND_MISSING, "", AddBuildPackage("gettext")),
    ("./autogen.sh: line 3: aclocal: command not found", K.COMMAND_MISSING, "", None),
    (
        "ModuleNotFoundError: No module named 'flit_core'",
        K.MODULE_MISSING,
        "The Python module flit_core is missing",
        AddBuildPackage("py3-supported-flit-core"),
    ),
    (
        "Can't locate Module/Build.pm in @INC (you may need to install the module)",
        K.MODULE_MISSING,
        "The Perl module Module/Build.pm is missing",
        AddBuildPackage("perl-module-build"),
    ),
    ("foo-dev (no such package):", K.PACKAGE_MISSING, "There is no package foo-dev", None),
    (
        "go: go.mod requires go >= 1.27.1 (running go 1.26.3; GOTOOLCHAIN=local)",
        K.GO_TOO_OLD,
        "A newer Go is needed: 1.27.1",
        None,
    ),
    ("error: package `x` requires rustc 1.91 or newer", K.RUST_TOO_OLD, "", None),
    ("CMake 4.1 or higher is required.  You are running version 3.31", K.TOOL_TOO_OLD, "", None),
    ("Error: This project requires Python 3.14 or newer", K.TOOL_TOO_OLD, "", None),
    (
        "package golang.org/x/net with version 'v0.43.0' is already at version v0.38.0",
        K.PIN_CONFLICT,
        "Upstream is past the pin of golang.org/x/net",
        DropDependency("golang.org/x/net"),
    ),
    (
        "go: a.io/b@v1.2.3 requires google.golang.org/grpc@v1.72.1, not google.golang.org/grpc@v1",
        K.PIN_CONFLICT,
        "google.golang.org/grpc is pinned below what is needed",
        RaiseDependency("google.golang.org/grpc", "v1.72.1"),
    ),
    ("npm error code ERESOLVE", K.PIN_CONFLICT, "", None),
    ("nginx.tar.gz: checksum mismatch", K.DIGEST_MISMATCH, "", None),
    ("expected commit abcdef1234, got 1234567fedc", K.COMMIT_MISMATCH, "", None),
    ("fatal: Remote branch v2 not found in upstream origin", K.TAG_MISSING, "", None),
    ("curl: (22) The requested URL returned error: 404", K.SOURCE_MISSING, "", None),
    ("curl: (22) The requested URL returned error: 503", K.NETWORK, "", None),
    ("curl: (6) Could not resolve host: example.org", K.NETWORK, "", None),
    ("The runner has received a shutdown signal.", K.INFRASTRUCTURE, "", None),
    ("cc1plus: out of memory allocating 65536 bytes", K.OUT_OF_MEMORY, "", None),
    ("tar: write error: No space left on device", K.DISK_FULL, "", None),
    ("panic: test timed out after 10m0s", K.TIMED_OUT, "", None),
    ("install: cannot stat 'LICENSE.txt': No such file or directory", K.LICENSE_MOVED, "", None),
    ("mv: cannot stat 'build/foo': No such file or directory", K.FILES_CHANGED, "", None),
    ('linter "usrlocal" failed: /usr/local path found', K.FILES_CHANGED, "", None),
    (
        "foo: error while loading shared libraries: libicuuc.so.76: cannot open shared object file",
        K.SONAME_CHANGED,
        "The shared library libicuuc.so.76 changed its soname",
        None,
    ),
    ("gcc: error: unrecognized command-line option '-mavx2'", K.ARCHITECTURE, "", None),
    ("--- FAIL: TestParse (0.01s)", K.TEST_FAILED, "The test TestParse failed", None),
    ("FAILED tests/test_x.py::test_y - assert 1 == 2", K.TEST_FAILED, "", None),
    ("a.c:4:9: error: unknown type name 'foo_t'", K.COMPILE_ERROR, "", None),
    ("./cmd/x.go:10:2: undefined: y", K.COMPILE_ERROR, "", None),
]


@pytest.mark.parametrize(
    ("line", "kind", "title", "mend"), LINES, ids=[line[:40] for line, *_ in LINES]
)
def test_a_line_names_its_cause(line: str, kind: CauseClass, title: str, mend: Fix | None) -> None:
    """The class, where present the title, and the fix."""
    found = why(f"+ make\n{line}\nmake: *** [all] Error 1\n")
    assert found.kind is kind
    assert found.title == title if title else found.title
    assert found.line
    assert found.line.number == 2
    assert "{" not in found.title + found.explanation
    if mend:
        assert found.fixes == (mend,)


def test_every_class_is_known_by_some_entry() -> None:
    """A class that no entry names could never be found; each entry can be explained."""
    assert {rule.kind for rule in TABLE} == set(CauseClass) - {CauseClass.UNKNOWN}
    for rule in TABLE:
        assert rule.title
        assert rule.patterns
        assert 0 < rule.confidence <= 1
        for pattern in (*rule.patterns, rule.near, rule.back, rule.ahead):
            re2.compile(pattern)


def test_only_what_exists_is_proposed() -> None:
    """A known distro decides between names; one that has none of them gets no proposal."""
    log = "a.c:1:10: fatal error: libpq-fe.h: No such file or directory\n"
    assert why(log).fixes == (AddBuildPackage("postgresql-dev"),)
    assert why(log, {"postgresql-18-dev"}).fixes == (AddBuildPackage("postgresql-18-dev"),)
    assert why(log, {"zlib-dev"}).fixes == ()
    assert why(log, {"postgresql"}).fixes == (AddBuildPackage("postgresql-dev"),)


def test_a_gem_is_proposed_only_where_its_name_is_known() -> None:
    """The version of Ruby is in the package's name, so only a known distro can show it."""
    log = "a.rb:1: cannot load such file -- faraday/retry (LoadError)\n"
    assert why(log).fixes == ()
    known = {"ruby3.2-faraday", "ruby3.4-faraday", "ruby3.4-faraday-retry"}
    assert why(log, known).fixes == (AddBuildPackage("ruby3.4-faraday"),)


@pytest.mark.parametrize("name", ["../../etc/passwd", "a b", "$(id)", "-rf", "x\ny", "a" * 200])
def test_no_name_of_a_log_becomes_an_odd_package(name: str) -> None:
    """A package's name is letters, digits and a few signs, or it is not proposed."""
    found = [
        packages.of_header(f"{name}.h", None),
        packages.of_library(name, None),
        packages.of_command(name, None),
        packages.of_pkg_config(name, None),
        packages.of_python(name, None),
        packages.of_perl(name, None),
    ]
    assert all(one is None or re2.fullmatch(r"[a-z0-9][a-z0-9+_.-]{0,80}", one) for one in found)


def test_a_patch_that_is_upstream_is_dropped_by_name() -> None:
    """The file's name is lines before; one that also fails somewhere is not dropped."""
    applying = "+ patch -p1\nApplying 0002-fix-leak.patch\npatching file a.c\n"
    reversed_ = "Reversed (or previously applied) patch detected!  Skipping patch.\n"
    assert why(applying + reversed_).fixes == (DropPatch("0002-fix-leak.patch"),)
    mixed = why(applying + reversed_ + "Hunk #2 FAILED at 90.\n")
    assert (mixed.kind, mixed.fixes) == (CauseClass.PATCH_FAILS, ())
    assert mixed.title == "The patch 0002-fix-leak.patch does not apply"


def test_a_conflict_is_a_cherry_picks_only_beside_one() -> None:
    """The same words of a merge are no cherry-pick."""
    conflict = "CONFLICT (content): Merge conflict in a.c\nerror: could not apply 1f0c9d2b7a... x\n"
    found = why("+ git cherry-pick -x 1f0c9d2b7a\n" + conflict)
    assert found.kind is CauseClass.CHERRY_PICK_CONFLICT
    assert found.fixes == (DropCherryPick("1f0c9d2b7a"),)
    assert why("+ git rebase main\n" + conflict).kind is CauseClass.UNKNOWN


def test_a_request_that_fails_inside_a_failing_test_is_the_tests() -> None:
    """A test that needs the network fails at every run: running it again cures nothing."""
    network = "dial tcp: lookup example.org: no such host\n"
    assert why(f"+ go test ./...\n{network}").kind is CauseClass.NETWORK
    failing = why(f"+ go test ./...\n--- FAIL: TestFetch (0.00s)\n    x_test.go:9: {network}")
    assert failing.kind is CauseClass.TEST_FAILED


def test_what_is_tried_again_is_no_cause() -> None:
    """Only the last of several tries counts."""
    retried = (
        "curl: (28) Operation timed out\nWarning: Problem : timeout. Will retry in 1 seconds.\n"
    )
    later = "a.c:1:2: error: no such thing\n"
    assert why("+ curl\n" + retried * 3 + later).kind is CauseClass.COMPILE_ERROR
    exhausted = why("+ curl\n" + retried * 3 + "curl: (28) Operation timed out\n")
    assert exhausted.kind is CauseClass.NETWORK
    assert exhausted.line
    assert exhausted.line.number == 8


def test_hostile_lines_cost_no_time() -> None:
    """20,000 lines made of beginnings of every pattern, in about the time of ordinary ones."""
    beginnings = " ".join(rule.patterns[0][:20].replace("\\", "") for rule in TABLE)
    log = "\n".join(f"{index} {beginnings} error: " * 2 for index in range(2_000))
    began = time.process_time()
    why(log)
    assert time.process_time() - began < 60  # a backtracking engine needs hours


@pytest.mark.skipif(not NAMES.exists(), reason="the distro's snapshot is not at hand")
def test_the_listed_packages_exist_in_a_real_distro() -> None:
    """Nine in ten of the names listed by hand are packages of a large distro."""
    with gzip.open(next(NAMES.glob("*.tar.gz"))) as file:
        specs = file.read().decode("utf-8", "replace")
    tables = (
        package_names.HEADERS,
        package_names.LIBRARIES,
        package_names.PKG_CONFIG,
        package_names.COMMANDS,
    )
    listed = {name for table in tables for names in table.values() for name in names}
    real = {name for name in listed if f"- {name}\n" in specs or f"name: {name}\n" in specs}
    assert len(real) > 0.85 * len(listed), sorted(listed - real)
