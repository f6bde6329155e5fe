"""Something that the build needs is not installed: packages, headers, libraries, commands."""

from collections.abc import Callable, Mapping

from octobot.model.triage import AddBuildPackage, CauseClass, Fix
from octobot.triage.knowledge import packages
from octobot.triage.knowledge.rule import Fixer, Known, Rule

_ADD = "A package that brings it belongs into `environment.contents.packages`."
_NAME = r"[A-Za-z0-9][A-Za-z0-9+_.-]*"
_PROGRAM = r"[A-Za-z0-9/._-]*?[A-Za-z0-9][A-Za-z0-9+_.-]*"


def add(group: str, find: Callable[[str, Known], str | None]) -> Fixer:
    """Return a fixer that adds the package which `find` names for the text of a group."""

    def fix(groups: Mapping[str, str], known: Known) -> tuple[Fix, ...]:
        name = find(groups[group], known) if groups.get(group) else None
        return (AddBuildPackage(name),) if name else ()

    return fix


RULES = (
    Rule(
        CauseClass.PACKAGE_MISSING,
        (
            rf"(?P<package>{_NAME})[<>=~0-9a-z.-]* \(no such package\)",
            rf"solving \"(?P<package>{_NAME})[^\"]*\" constraint",
            rf"nothing provides \"?(?P<package>{_NAME})",
            rf"could not find (?:constraint|package) \"(?P<package>{_NAME})",
            r"breaks: world\[(?P<package>[^\]]+)\]",
        ),
        "There is no package {package}",
        "The distro has no package of this name and version: it was renamed or removed, or it is "
        "not built yet for this architecture.",
        13,
    ),
    Rule(
        CauseClass.HEADER_MISSING,
        (
            r"fatal error: '?(?P<header>[^\s':]+)'?:? (?:No such file or directory|file not)",
            (
                r"configure: error: .*?(?P<header>[A-Za-z0-9_/.+-]+\.h)\b.*"
                r"(?:not found|missing|required|unavailable)"
            ),
            (
                r"(?i:(?:can't|cannot|could not|unable to) find (?:the )?(?:header )?(?:file )?"
                r"['<]?(?P<header>[A-Za-z0-9_/.+-]+\.h)\b)"
            ),
            r"meson\.build:[0-9:]+ ERROR: .*header '(?P<header>[^']+)' (?:not|cannot)",
        ),
        "The header {header} is missing",
        _ADD,
        13,
        fixes=add("header", packages.of_header),
    ),
    Rule(
        CauseClass.PKG_CONFIG_MISSING,
        (
            r"No package '(?P<name>[^']+)' found",
            (
                r"Package '?(?P<name>[A-Za-z0-9+_.-]+?)'?(?:, required by '[^']+',)? "
                r"(?:was not found in the pkg-config|not found$)"
            ),
            r"Package requirements \((?P<name>[A-Za-z0-9+_.-]+)[^)]*\) were not met",
            r"ERROR: Dependency [\"'](?P<name>[^\"']+)[\"'] (?:is required but )?not found",
            r"ERROR: Dependency lookup for (?P<name>\S+) with method '[^']+' failed",
            r"The system library `(?P<name>[^`]+)` required by crate `[^`]+` was not",
        ),
        "pkg-config does not know {name}",
        "The library or its development files are not installed. " + _ADD,
        13,
        fixes=add("name", packages.of_pkg_config),
    ),
    Rule(
        CauseClass.LIBRARY_MISSING,
        (
            r"cannot find -l:?(?P<library>[A-Za-z0-9_.+-]+)",
            r"unable to find library -l(?P<library>[A-Za-z0-9_.+-]+)",
            r"^\s{0,4}Could NOT find (?P<library>[A-Za-z0-9_.+-]+)\b",
            r"package configuration file provided by \"(?P<library>[^\"]+)\"",
            (
                r"configure: error: (?:.* )?(?:library|lib) ?'?(?P<library>[A-Za-z0-9_+.-]+)'?"
                r" .*(?:not found|missing|required)"
            ),
            (
                r"configure: error: (?:.*\b)?lib(?P<library>[A-Za-z0-9_+-]+)\b.*"
                r"(?:not found|missing|required|not be found)"
            ),
            r"ERROR: C(?:\+\+)? (?:shared or static )?library '(?P<library>[^']+)' not found",
            r"could not find native static library `(?P<library>[^`]+)`",
            r"error: unable to find (?:required )?library (?P<library>\S+)",
            (
                r"^\s{0,6}(?P<library>[A-Za-z0-9]+?)(?:_LIBRAR(?:Y|IES)|"
                r"_INCLUDE_DIRS?)(?: \(ADVANCED\))?$"
            ),
            r"Target \"\S+\" links to:? *(?P<library>[A-Za-z0-9_]+)::",
            (
                r"configure: error: .*?\blib(?P<library>[A-Za-z0-9_+-]+) [0-9.]+ or (?:newer|"
                r"later|higher)"
            ),
            r"library not found for -l(?P<library>\S+)",
            r"(?:OSError|ImportError): (?P<library>lib\S+?\.so)\S*: cannot open shared object",
            r"(?i:could not (?:find|locate) (?:a working |the )?lib(?P<library>[a-z0-9_+-]+))",
        ),
        "The library {library} is missing",
        _ADD,
        13,
        fixes=add("library", packages.of_library),
    ),
    Rule(
        CauseClass.LIBRARY_MISSING,
        (r"^\*\*\* extconf\.rb failed \*\*\*|lack of necessary\s*$",),
        "The library {library} is missing",
        _ADD,
        12,
        back=r"^checking for .* in -l(?P<library>[A-Za-z0-9_.+-]+)\.\.\. no",
        fixes=add("library", packages.of_library),
        confidence=0.75,
    ),
    Rule(
        CauseClass.COMMAND_MISSING,
        (
            (
                rf"\b(?:sh|bash|busybox|line [0-9]+|[0-9]+): '?(?P<command>{_PROGRAM})'?:"
                r" (?:command )?not found\b"
            ),
            rf"^(?P<command>{_PROGRAM}): command not found",
            rf"^g?make(?:\[[0-9]+\])?: (?P<command>{_PROGRAM}): (?:No such file|Command not found)",
            rf"exec: \"(?P<command>{_PROGRAM})\": executable file not found",
            rf"ERROR: Program '(?P<command>{_PROGRAM})[^\n]*?' not found",
            rf"configure: error: (?P<command>{_PROGRAM}) (?:is )?(?:not found|is required|missing)",
            (
                r"configure: error: (?:no acceptable (?P<command>[A-Za-z+]{1,3}) compiler|"
                r"C compiler cannot create executables)"
            ),
            rf"env: (?:can't execute )?'(?P<command>{_PROGRAM})': No such file or directory",
            rf"is `(?P<command>{_PROGRAM})` not installed",
            r"Could not find `(?P<command>protoc)`",
            r"linker `(?P<command>[^`]+)` not found",
            r"command '(?P<command>[^']+)' failed: No such file or directory",
            r"unable to execute '?(?P<command>[A-Za-z0-9+_./-]+)'?: No such file",
            r"Can't exec \"(?P<command>[A-Za-z0-9+_./-]+)\": No such file",
            r"spawn (?P<command>[A-Za-z0-9+_./-]+) ENOENT",
            r"Cannot run program \"(?P<command>[A-Za-z0-9+_./-]+)\"",
            r"(?P<command>[A-Za-z0-9+_-]+): applet not found",
            r"which: no (?P<command>\S+) in \(",
            (
                r"(?i:(?:could not|cannot|can't|unable to) find (?:the )?(?:program|"
                r"executable|command|tool)"
                r" ['\x60\"]?(?P<command>[a-z0-9+_.-]+))"
            ),
            (
                r"(?i:(?:program|executable|command|"
                r"tool) ['\x60\"]?(?P<command>[a-z0-9+_.-]+)['\x60\"]? "
                r"(?:is |was )?(?:not found|missing|required))"
            ),
            r"unable to find a build program corresponding to \"(?P<command>[A-Za-z]+)\"",
            r"No CMAKE_\S+_(?P<command>COMPILER) could be found",
            r"Unknown compiler\(s\): \[\['(?P<other>\w+)",
            rf"WARNING: '(?P<command>{_PROGRAM})' is missing on your system",
            (
                r"FileNotFoundError: \[Errno 2\] No such file or directory: '(?P<command>"
                r"(?:git|cmake|ninja|gcc|cc|cargo|node|npm|make|pkg-config))'"
            ),
        ),
        "The command {command} is missing",
        _ADD,
        13,
        fixes=add("command", packages.of_command),
    ),
)
