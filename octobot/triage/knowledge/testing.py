"""A test failed, in any language's harness."""

from octobot.model.triage import CauseClass
from octobot.triage.knowledge.rule import Rule

_NAME = r"[A-Za-z0-9_./:\[\]<>=,+ -]+?"

RULES = (
    Rule(
        CauseClass.TIMED_OUT,
        (
            r"panic: test timed out after (?P<what>\S+)",
            r"\*\*\*Timeout +(?P<what>\S+)",
            r"^\s{0,6}[0-9]+/[0-9]+ .+ TIMEOUT\b",
        ),
        "A test ran out of its time",
        "It hangs, or this machine is slower than its authors'.",
        12,
    ),
    Rule(
        CauseClass.TEST_FAILED,
        (
            r"--- FAIL: (?P<test>\S+)",
            r"^FAILED (?P<test>\S+)(?: - .*)?$",
            r"^FAIL: (?P<test>\S+)",
            r"^ERROR: (?P<test>test\w*) \(",
            r"[0-9]+ - (?P<test>\S+) .*\(Failed\)|\*\*\*Failed|\*\*\*Exception",
            r"^test (?P<test>\S+) \.\.\. FAILED",
            r"^\s{0,6}[0-9]+/[0-9]+ (?P<test>.+?) +(?:FAIL|ERROR)\b",
            r"^not ok [0-9]+ -? ?(?P<test>.*)|^not ok - (?P<test2>.*)",
            r"^\s{0,4}#\s{1,4}Failed test '?(?P<test>[^'\n]*)",
            r"^thread '(?P<test>[^']+)'.* panicked at",
            r"^rspec (?P<test>\./\S+:[0-9]+)",
            r"^\s{0,4}\x{25cf} (?P<test>.+ \x{203a} .+)",
            r"\[ERROR\] (?P<test>\S+):[0-9]+ .*(?:expected|Expected|but was)",
            r"\[ERROR\] {2}(?P<test>\S+)  .*<<< (?:FAILURE|ERROR)!",
            r"<<< (?:FAILURE|ERROR)!$",
            r"^\s{0,8}(?P<test>\S+) > .+ FAILED$",
            r"^\s{0,4}Failure:$|^\s{0,4}[0-9]+\) Failure:$",
        ),
        "The test {test}{test2} failed",
        "The new version behaves differently here than its own tests, or the spec's, expect.",
        11,
        confidence=0.85,
    ),
    Rule(
        CauseClass.TEST_FAILED,
        (
            r"^E {3,7}\S+(?:Error|Exception)\b|^E {3,7}assert ",
            r"AssertionError|(?i:\bassertion .*failed)|^Assertion failed",
            r"The following tests FAILED|^Result: FAIL$|There (?:were|are) (?:failing|test fail)",
            r"Tests run: [0-9]+, Failures: [1-9]|Tests run: [0-9]+, Failures: 0, Errors: [1-9]",
            r"^test result: FAILED|^FAILED \((?:failures|errors)=",
            r"^\s{0,4}[1-9][0-9]* (?:tests? )?(?:failing|failed)\b|^# FAIL: +[1-9]|^Failed +[1-9]",
            r"^panic: ",
            r"^\[ {2}FAILED {2}\]|test cases: +[0-9]+ .*[1-9][0-9]* failed",
            r"^Failed! +- Failed: +[1-9]",
            r"^FAILURES!$|Failures: [1-9][0-9]*\.?$|^Summarizing [0-9]+ Failure|^\s{0,4}\[Fail\] ",
            r"^ERROR tests?/\S+|errors? during collection|^Test suite \S+: FAIL|^Bail out!",
            r"^\s{0,4}[0-9]+: .* FAILED \(\S+\.at:[0-9]+\)|(?i:\b[1-9][0-9]* tests? failed\b)",
            r"^\s{0,6}(?:\x{2715}|\x{00d7}|\x{2717}|\x{2718}) \S",
            r"Failed [1-9][0-9]*/[0-9]+ test programs",
        ),
        "A test failed",
        "The new version behaves differently here than its own tests, or the spec's, expect.",
        10,
        confidence=0.75,
    ),
    Rule(
        CauseClass.TEST_FAILED,
        (r"ImportError: cannot import name '(?P<test>[^']+)'",),
        "A test cannot import {test}",
        "The module does not have that name any more, or a dependency is of another version than "
        "the tests are written for.",
        11,
        near=r"(?i:collect(?:ing|ion)|pytest|short test summary)",
    ),
    Rule(
        CauseClass.TEST_FAILED,
        (
            r"Segmentation fault|core dumped|SIGSEGV|stack smashing detected|double free",
            r"AddressSanitizer:|runtime error: .*undefined behavior",
        ),
        "A program crashed",
        "What was just built, or a tool of the build, crashed.",
        12,
        confidence=0.7,
    ),
    Rule(
        CauseClass.TEST_FAILED,
        (
            r"failed to test package|unable to run test pipeline",
            r"^g?make(?:\[[0-9]+\])?: \*\*\* \[(?:.*: )?(?:check|test)\b.*\]",
        ),
        "A test failed without a message",
        "A command of the test ended with an error and printed none; often the version that a "
        "program reports is not the one that the test expects.",
        6,
        confidence=0.6,
    ),
    Rule(
        CauseClass.TEST_FAILED,
        (r"(?i:unexpected version|version mismatch|expected version)\b.*",),
        "The installed program reports another version",
        "The spec's test compares the version that the program prints.",
        10,
        near=r"(?i:running (?:step|test)|melange test|\btest\b)",
    ),
)
