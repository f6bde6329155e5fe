"""How much a line of a log looks like the cause of a failure: one visible table of weights.

A weight says how specific a line is.  13 names the missing thing itself, 8 is some error.  What
repeats that something failed before, or merely speaks of errors, weighs next to nothing.

The patterns run in RE2: a log may have tens of thousands of lines, and a build writes what it
likes into them.
"""

import re2

LINE_LIMIT = 1000
"""Characters of a line that are looked at."""

SPECIFIC = 12
"""Lines from this weight on name the missing thing itself."""

GENERIC = 4
"""Lines up to this weight say at most that something failed, not what."""

_NEVER = re2.compile(
    r"^\++ "  # a trace of the shell: the command, not its outcome
    r"|^checking (?:for|whether|if|how) .*\.\.\.|^(?:PASS|ok|SKIP|installing)\b"
    r"|--- PASS|\.\.\. ?(?:ok|PASSED|skipped)\b|\bPASSED\b|\bXFAIL\b|\(ignored\)"
)
"""Speaks of errors, but is none."""

_HARMLESS = re2.compile(
    r"\b0 (?:errors?|failures?|failed)\b|-Werror\b|(?i:\bignoring\b.*\berror)"
    r"|(?i:^(?:\S+: )?(?:warning|note|debug)[:\[])|(?i:error[-_]?(?:handling|prone|checking))"
)
"""Is none either, unless it names the missing thing itself."""

_TABLE: tuple[tuple[int, str], ...] = (
    # the machine gave up
    (14, r"No space left on device|Out of memory|out of memory|Cannot allocate memory|oom-kill"),
    (
        13,
        r"^Killed$|signal: killed|Killed signal|Killed process|has exceeded the maximum execution",
    ),
    # sources
    (13, r"(?i:(?:commit|sha256|sha512|checksum|digest|hash)\S*[ :].*(?:mismatch|n[o']t match))"),
    (13, r"(?i:(?:mismatch|n[o']t match).*(?:commit|sha256|sha512|checksum|digest|hash))"),
    (13, r"(?i:expected (?:commit|sha256|sha512|checksum)\S* .*(?:got|found|but)|SECURITY ERROR)"),
    (12, r"Remote branch .* not found|couldn't find remote ref|[Rr]epository not found"),
    (12, r"Hunk #[0-9]+ FAILED|hunks? FAILED|patch does not apply|can't find file to patch"),
    (12, r"Reversed \(or previously applied\) patch|^CONFLICT \(|error: could not apply"),
    # something is missing
    (13, r"fatal error: .*(?:No such file|file not found)|No package '[^']*' found"),
    (13, r"configure: error:|meson\.build:[0-9]+:[0-9]+: ERROR|\(no such package\)"),
    (13, r"nothing provides|could not find (?:constraint|package)|cannot find -l"),
    (12, r"Could NOT find|was not found in the pkg-config|Dependency \S+ not found"),
    (12, r"command not found|: not found$|ModuleNotFoundError|ImportError|cannot load such file"),
    (12, r"no required module provides|missing go\.sum entry|requires go ?>=|go\.mod requires go"),
    (12, r"No matching distribution found|Could not find a version that|Could not find gem"),
    (12, r"Can't locate \S+ in @INC|error: no matching package|requires rustc [0-9]"),
    (11, r"Could not resolve dependencies|ERESOLVE|npm (?:ERR!|error) (?:code|notarget|404)"),
    # the network
    (12, r"Could not resolve host|TLS handshake timeout|curl: \([0-9]+\)|server returned error"),
    (10, r"Connection (?:reset|refused|timed out)|(?i:i/o timeout)|502 Bad Gateway|503 Service"),
    (9, r"context deadline exceeded|(?i:\btimed out\b)|429 Too Many Requests"),
    # compilers and linkers
    (12, r"^[^\s:]+:[0-9]+(?::[0-9]+)?: (?:fatal )?error:|undefined reference|undefined symbol"),
    (11, r"^error\[E[0-9]+\]|^\S+\.go:[0-9]+:[0-9]+: |CMake Error|error TS[0-9]+:"),
    (11, r"^error: |Failed to execute goal"),
    # tests
    (12, r"Segmentation fault|core dumped"),
    (11, r"--- FAIL: |^FAIL: |^FAILED \S+|\*\*\*Failed|^not ok [0-9]+|^not ok - "),
    (10, r"^panic: |^E {3,}\S|AssertionError|[Aa]ssertion .*failed|^thread '.*' panicked"),
    (10, r"The following tests FAILED|^\w*(?:\.\w+)*(?:Error|Exception): |test .* \.\.\. FAILED"),
    # packaging
    (
        11,
        r"(?i:lint(?:er)? .*fail|fail.* lint(?:er)?\b|unable to select packages|Permission denied)",
    ),
    (10, r"Failed building wheel|^ERROR: |^fatal: |^gyp ERR!|: cannot (?:stat|access|open|create)"),
    (10, r"No such file or directory|No rule to make target|cannot find"),
    # some error
    (8, r"(?i:\berror: |\[ERROR\]|\bfatal: |npm (?:ERR!|error)|\bunable to \w+)|: FAILED$"),
    (6, r"BUILD FAIL|^FAILED: |^FAIL\b|# FAIL: +[1-9]|[1-9][0-9]* (?:tests? )?failed|Traceback \("),
)
"""Lines that no row knows weigh nothing."""

_ANY = re2.compile("|".join(pattern for _, pattern in _TABLE))

_SIGNS = tuple(
    (weight, re2.compile("|".join(pattern for other, pattern in _TABLE if other == weight)))
    for weight in sorted({weight for weight, _ in _TABLE}, reverse=True)
)

_ECHO = re2.compile(
    r"exit (?:status|code):? [0-9]+|^(?:g?make)(?:\[[0-9]+\])?: \*\*\*|^ninja: build stopped"
    r"|Process completed with exit code|error: could not compile|error: aborting due"
    r"|A complete log of this run|errors? found"
)
"""Lines that come right after the failure and tell where it stopped."""


def weigh(text: str) -> int:
    """Give the weight of a line; at most `GENERIC` for one that says nothing of the cause."""
    text = text[:LINE_LIMIT].strip()
    if not _ANY.search(text) or _NEVER.search(text):
        return 0
    weight = next(weight for weight, sign in _SIGNS if sign.search(text))
    if weight < SPECIFIC and (is_echo(text) or _HARMLESS.search(text)):
        return GENERIC
    return weight


def is_echo(text: str) -> bool:
    """Tell whether a line only repeats that what came before it failed."""
    return _ECHO.search(text[:LINE_LIMIT]) is not None
