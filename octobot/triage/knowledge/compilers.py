"""The sources do not compile, link or configure, in any language."""

from octobot.model.triage import CauseClass
from octobot.triage.knowledge.rule import Rule

_SAYS = (
    "The new version, or a library it was built against, changed: the sources do not fit together."
)

RULES = (
    Rule(
        CauseClass.ARCHITECTURE,
        (
            (
                r"(?:unrecognized|unsupported|unknown) (?:command[- ]line )?(?:option|argument) "
                r"['\x60\x{2018}\"]?(?P<what>-m(?:sse|avx|arch|fpu|float|cpu|tune|bmi|"
                r"popcnt|aes)[^\s'\"]*)"
            ),
            r"unsupported option '(?P<what>-m[^']+)' for target '",
            r"(?:fatal error|error): '?(?P<what>[a-z0-9]{3,9}intrin\.h|cpuid\.h|arm_neon\.h)",
            (
                r"#error:? .*(?i:(?:unsupported|unknown|not supported).*"
                r"(?:architecture|platform|cpu|target|processor))"
            ),
            r"(?:Exec format error|cannot execute binary file)",
            r"cannot execute: required file not found|wrong ELF class",
            r"(?i:no prebuilt .*(?P<what>linux|arm64|aarch64|musl))",
            r"(?i:unsupported (?:os|platform|host|cpu)[/ a-z]*: ?'?(?P<what>\S+))",
            r"(?i:illegal instruction)",
            r"unknown target CPU '(?P<what>[^']+)'",
            r"no matching manifest for (?P<what>linux/\S+)",
            (
                r"(?i:(?:unsupported|unknown|invalid) (?:cpu )?architecture:? '?"
                r"(?P<what>aarch64|arm64|x86_64|amd64)\b)"
            ),
            r"does not support (?:the )?(?P<what>aarch64|arm64)\b",
            r"relocation truncated to fit: R_(?P<what>AARCH64|X86_64)",
            r"Error: (?:no such instruction|unknown mnemonic|bad instruction)[: ]",
            r"error: invalid (?:instruction mnemonic|output constraint|input constraint).*in asm",
            r"ELF: (?:wrong|invalid) (?:ELF )?(?:class|machine)",
        ),
        "It does not build for this architecture",
        "The sources, or a file that the build downloads, take another processor for granted: "
        "{what}",
        14,
        confidence=0.8,
    ),
    Rule(
        CauseClass.COMPILE_ERROR,
        (
            r"^(?:\[[^\]]+\] )?[^\s:]+:[0-9]+(?::[0-9]+)?: (?:fatal |syntax )?error\b",
            r"undefined (?:reference to|symbol:?) [\x60'\x{2018}]?(?P<what>[^\s'\x{2019}]+)",
            (
                r"^(?:ld(?:\.lld|\.gold)?|/\S+/ld): (?:error: )?.*"
                r"(?:multiple definition|duplicate symbol)"
            ),
            r"multiple definition of",
        ),
        "The sources do not compile",
        _SAYS,
        12,
    ),
    Rule(
        CauseClass.COMPILE_ERROR,
        (
            r"^error\[E[0-9]{4}\]",
            r"^(?:\./)?\S+\.go:[0-9]+:[0-9]+: ",
            r"error TS[0-9]{3,5}:|^error CS[0-9]{4}|: error CS[0-9]{4}:",
            r"\[ERROR\] .*\.java:\[[0-9]+,[0-9]+\]|^\S+\.java:[0-9]+: error:",
            r"\[ERROR\] COMPILATION ERROR|Compilation failed; see the compiler",
            r"^\S+\.hs:[0-9]+:[0-9]+: error",
            r"^e: file://|^\* What went wrong:",
            r"SyntaxError: |IndentationError: |TabError: ",
            r"^\[error\] \S+\.scala:[0-9]+|^\*\* \((?:Compile|Syntax|Token)\w*Error\)",
            r"Error: Unbound \w+",
            r"^\S+\.(?:erl|vala|pyx|proto|zig|swift|kt|d):[0-9][0-9.:-]*: ?(?:error|undefined|\S)",
            r"PHP (?:Parse|Fatal) error: |^syntax error at \S+ line|syntax error, unexpected",
            r"ImportError: cannot import name|\bDSO missing from command line",
            r"symbol\(s\) not found",
            r"^\S* ?\[ERROR\] (?:Could not resolve|Expected|Unexpected) |^error: linking with",
            r"\bld: (?:error|fatal error): ",
        ),
        "The sources do not compile",
        _SAYS,
        11,
    ),
    Rule(
        CauseClass.COMPILE_ERROR,
        (
            r"No rule to make target '(?P<what>[^']+)'",
            r"configure: error: (?P<what>.+)",
            r"meson\.build:[0-9]+:[0-9]+: ERROR: (?P<what>.+)",
            r"^CMake Error at (?P<what>.+)",
            r"^\s{0,4}Compatibility with CMake < (?P<what>\S+) has been removed",
            r"^\s{0,4}(?:Unknown CMake command|Cannot find source file)",
            r"syntax error near unexpected token|error: possibly undefined macro",
            r"ERROR: Failed building wheel for|^gyp ERR! (?:build|configure) error",
            r"ERROR: Failed to build gem native extension|mkmf\.rb can't find header files",
            r"BackendUnavailable|error: metadata-generation-failed|error: subprocess-exited-with",
            r"Problems? with the CMake|invalid command 'bdist_wheel'",
        ),
        "The build cannot be configured: {what}",
        "A build file of the new version needs something that the spec does not provide.",
        10,
    ),
    Rule(
        CauseClass.COMPILE_ERROR,
        (r"Failed to execute goal \S+",),
        "A goal of Maven failed",
        "",
        9,
        near=r"compil",
    ),
    Rule(
        CauseClass.COMPILE_ERROR,
        (
            r"unrecognized (?:command[- ]line )?option",
            r"unknown (?:warning|argument|option):? ['\x60\x{2018}]?-",
            r"^configure: error: unrecognized option",
            r"flag provided but not defined: -(?P<what>\S+)",
            r"^(?:\S+: )?error: (?:unexpected|unrecognized) arguments?:? ",
        ),
        "A tool does not know an option that the build passes",
        "The option was renamed or removed, in the new version or in the tool.",
        11,
    ),
)
