"""How much a line of a log looks like the cause of a failure, and which entries match it.

A weight says how specific a line is.  13 names the missing thing itself, 8 is some error.  A line
that repeats that something failed before, or only mentions errors, has almost no weight.

All patterns of the knowledge base run as one automaton of RE2 over each line, so that their number
costs nothing: a log may have tens of thousands of lines, and a build can write anything into them.
"""

import re2

from octobot.triage.knowledge.rule import Rule
from octobot.triage.knowledge.table import TABLE

LINE_LIMIT = 1000
"""Characters of a line that are read."""

SPECIFIC = 12
"""Lines of at least this weight name the missing thing itself."""

GENERIC = 4
"""Lines up to this weight say at most that something failed, not what."""

_MEMORY = 64 << 20
"""Bytes that the automaton may use; it needs a few, hostile lines make it need more."""

_NEVER = re2.compile(
    r"^\++ "  # a trace of the shell: the command, not its outcome
    r"|^checking (?:for|whether|if|how) .*\.\.\.|^(?:PASS|ok|SKIP|XFAIL|installing)\b"
    r"|--- PASS|\.\.\. ?(?:ok|PASSED|skipped)\b|\bPASSED\b|\bXFAIL\b|\(ignored\)|# (?:TODO|SKIP)\b"
    r"|^-- (?:Could NOT find|Looking for|Performing|Check)|^\s*(?:Run-time )?dependency \S+ found"
    r"|(?i:\(?(?:non-fatal|not fatal|expected failure)\)?|\bignored\)$|^npm warn\b)"
    r"|^Warning: Problem: |^#(?:include|define|error) |^\s*[0-9]+ \|"
)
"""Mentions errors, but is not one."""

_HARMLESS = re2.compile(
    r"\b0 (?:errors?|failures?|failed)\b|-Werror\b|(?i:\bignoring\b.*\berror)"
    r"|(?i:^(?:\S+: )?(?:warning|note|debug)[:\[])|(?i:error[-_]?(?:handling|prone|checking))"
    r"|(?i:^(?:remark|hint|help|info)\b:?)"
)
"""Is not one either, unless it names the missing thing itself."""

_SOME_ERROR: tuple[tuple[int, str], ...] = (
    (11, r"^error: |Failed to execute goal|(?i:\bPermission denied\b)"),
    (10, r"^ERROR: |^fatal: |: cannot (?:stat|access|open|create)|error: failed to run custom"),
    (10, r"No such file or directory|cannot find|^\w*(?:\.\w+)*(?:Error|Exception): "),
    (8, r"(?i:\berror: |\[ERROR\]|\bfatal: |npm (?:ERR!|error)|\bunable to \w+)|: FAILED$"),
    (6, r"BUILD FAIL|^FAILED: |^FAIL\b|Traceback \("),
)
"""Says that there is an error, and nothing that an entry of the knowledge base could use."""

_RETRIED = re2.compile(
    r"(?i:\b(?:re-?trying|trying again|will re-?try|retries left|retry scheduled"
    r"|re-?try (?:in|after|attempt|[0-9])|attempt [0-9]+ (?:of|/)))"
)

_ECHO = re2.compile(
    r"exit (?:status|code):? [0-9]+|^(?:g?make)(?:\[[0-9]+\])?: \*\*\*|^ninja: build stopped"
    r"|Process completed with exit code|error: could not compile|error: aborting due"
    r"|A complete log of this run|errors? found"
)
"""Lines right after the failure, which show where it stopped."""

_ROWS: tuple[tuple[int, Rule | None, str], ...] = (
    *((rule.weight, rule, pattern) for rule in TABLE for pattern in rule.patterns),
    *((weight, None, pattern) for weight, pattern in _SOME_ERROR),
)


def _automaton() -> "re2.Set":
    options = re2.Options()
    options.max_mem = _MEMORY
    options.log_errors = False
    found = re2.Set.SearchSet(options)
    for _, _, pattern in _ROWS:
        found.Add(pattern)
    found.Compile()
    return found


_ALL = _automaton()


def weigh(text: str) -> int:
    """Return the weight of a line; at most `GENERIC` for one that says nothing of the cause."""
    text = text[:LINE_LIMIT].strip()
    rows = _ALL.Match(text)
    if not rows or _NEVER.search(text):
        return 0
    weight: int = max(_ROWS[row][0] for row in rows)
    if weight >= SPECIFIC or not (is_echo(text) or _HARMLESS.search(text)):
        return weight
    # An echo that an entry knows names the cause when nothing else in the log does.
    known = is_echo(text) and any(_ROWS[row][1] for row in rows)
    return GENERIC + 1 if known else GENERIC


def rules(text: str) -> tuple[tuple[Rule, str], ...]:
    """Return the entries that match a line, by weight, each with its pattern."""
    known = ((row, _ROWS[row]) for row in _ALL.Match(text[:LINE_LIMIT].strip()) or ())
    ordered = sorted(
        (-weight, row, rule, pattern) for row, (weight, rule, pattern) in known if rule
    )
    return tuple((rule, pattern) for _, _, rule, pattern in ordered)


def is_echo(text: str) -> bool:
    """Return whether a line only repeats that something before it failed."""
    return _ECHO.search(text[:LINE_LIMIT]) is not None


def is_retry(text: str) -> bool:
    """Return whether a line announces a retry of what just failed."""
    return _RETRIED.search(text[:LINE_LIMIT]) is not None
