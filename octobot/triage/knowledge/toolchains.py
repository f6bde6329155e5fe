"""A compiler or build tool is older than the new version wants: Go, Rust, and the others."""

from octobot.model.triage import CauseClass
from octobot.triage.knowledge.rule import Rule

_V = r"[0-9][0-9A-Za-z.]*"

RULES = (
    Rule(
        CauseClass.GO_TOO_OLD,
        (
            rf"requires go ?>= ?(?P<wanted>{_V}) \(running go ?(?P<has>{_V})",
            rf"module requires Go (?P<wanted>{_V})",
            rf"requires go ?>= ?(?P<wanted>{_V})",
            rf"invalid go version '(?P<wanted>{_V})'",
            rf"package requires newer Go version go(?P<wanted>{_V})",
            rf"go (?P<wanted>{_V}), but maximum supported version is",
            rf"\(requires go(?P<least>{_V}) or later",
            r"toolchain not available|unknown block type: (?:tool|ignore)|unknown directive: tool",
        ),
        "A newer Go is needed: {wanted}",
        "The module wants a newer Go than the build has. `go-package` of the `go/build` step, or "
        "the Go in `environment.contents.packages`, decides which one that is.",
        13,
    ),
    Rule(
        CauseClass.RUST_TOO_OLD,
        (
            rf"requires rustc (?P<wanted>{_V})(?: or newer)?",
            rf"rustc (?P<has>{_V}) is not supported by the following packages",
            r"feature `?(?P<wanted>edition20[0-9]{2})`? is required",
            r"older than the `(?P<wanted>20[0-9]{2})` edition",
            r"error\[E0658\]",
            r"lock file version (?:`)?(?P<wanted>[0-9])(?:`)? (?:was found|requires)",
            r"unstable library feature",
        ),
        "A newer Rust is needed: {wanted}",
        "The sources use what the build's Rust does not have yet. The version of the `rust` "
        "package in `environment.contents.packages` decides.",
        13,
    ),
    Rule(
        CauseClass.TOOL_TOO_OLD,
        (
            rf"(?P<tool>CMake) (?P<wanted>{_V}) or higher is required",
            rf"(?P<tool>Meson) version is (?P<has>{_V}) but project requires (?P<wanted>[^\s]+)",
            rf"(?P<tool>Autoconf|Automake) (?:version )?(?P<wanted>{_V}) or (?:higher|later|newer)",
            r"requires a different (?P<tool>Python): \S+ not in '(?P<wanted>[^']+)'",
            r"requires (?P<tool>Python) '?(?P<wanted>[<>=!~][^']+)'?(?: but|$)",
            rf"(?P<tool>Perl) v?(?P<wanted>{_V}) required--this is only",
            rf"requires (?P<tool>Ruby) version (?P<wanted>[^\n.]+{_V})",
            r"The current (?P<tool>\.NET SDK) does not support targeting (?P<wanted>\.NET [0-9.]+)",
            rf"(?P<tool>Gradle) requires JVM (?P<wanted>{_V})",
            (
                r"The engine \"(?P<tool>node)\" is incompatible with this module.*Expected version "
                r"\"(?P<wanted>[^\"]+)\""
            ),
            rf"Requested '(?P<tool>[^' ]+) (?P<wanted>[<>=]+ ?{_V})' but version",
            r"Invalid version, need '(?P<tool>[^']+)' \['(?P<wanted>[^']+)'\]",
            (
                rf"(?P<tool>[A-Za-z0-9_.+-]+) found: NO\.? found {_V} but need: "
                r"'(?P<wanted>[^']+)'"
            ),
            r"ERROR: Dependency (?P<tool>\S+) .*need '(?P<wanted>[^']+)'",
            r"Could NOT find (?P<tool>\S+): Found unsuitable version",
            (
                rf"(?P<tool>gcc|g\+\+|clang|GCC|Clang|bison|flex|swig|protoc)\b.* "
                rf"(?P<wanted>{_V}) or (?:higher|later|newer|above) (?:is )?(?:required|needed)"
            ),
        ),
        "A newer {tool} is needed: {wanted}",
        "What is installed for the build is older than the new version wants.",
        13,
    ),
    Rule(
        CauseClass.TOOL_TOO_OLD,
        (
            (
                r"(?:invalid target release|invalid source release|release version): ?"
                rf"(?P<wanted>{_V})"
            ),
            rf"release version (?P<wanted>{_V}) not supported",
        ),
        "A newer Java is needed: {wanted}",
        "The JDK among `environment.contents.packages` decides which Java compiles it.",
        13,
    ),
    Rule(
        CauseClass.TOOL_TOO_OLD,
        (
            (
                r"(?i:\b(?P<tool>cmake|meson|python|ruby|node(?:\.js)?|npm|gcc|clang|llvm|"
                r"java|jdk|jvm|"
                r"bison|flex|autoconf|automake|perl|php|erlang|elixir|ghc|bazel|gradle|maven|ninja|"
                r"swig|protobuf|protoc|cython|setuptools|numpy|zig|dotnet)\b.*?"
                rf"(?P<wanted>{_V})\+? (?:or (?:higher|later|newer|above|greater)|is required))"
            ),
            (
                r"(?i:(?:requires|needs|must have|required:?) (?:at least )?(?:version )?"
                r"(?P<tool>cmake|meson|python|ruby|node(?:\.js)?|npm|gcc|clang|llvm|java|"
                r"jdk|perl|php|"
                r"erlang|elixir|ghc|bazel|gradle|maven|ninja|protobuf|protoc|cython|setuptools|zig)"
                rf" ?(?:version )?(?P<wanted>(?:>=|>|\^|~)? ?{_V}))"
            ),
        ),
        "A newer {tool} is needed: {wanted}",
        "What is installed for the build is older than the new version wants.",
        11,
        confidence=0.75,
    ),
    Rule(
        CauseClass.TOOL_TOO_OLD,
        (r"npm (?:ERR!|error) (?:code )?EBADENGINE",),
        "Another version of Node is needed",
        "A package names the versions of Node that it works with, and the build's is not one.",
        13,
    ),
)
