"""It was built, but what came out is not what the spec expects: files, licenses, sonames."""

from octobot.model.triage import CauseClass
from octobot.triage.knowledge.rule import Rule

_TOOLS = (
    r"(?:install|cp|mv|rm|ln|sed|chmod|chown|cat|find|grep|touch|tar|ls|rmdir|gzip|strip|patchelf)"
)
_CANNOT = (
    r"(?:cannot (?:stat|access|open|remove|overwrite|find)"
    r"|can't (?:stat|open|read|remove|rename|find|execute))"
)
_LICENSE = r"(?i:LICEN[CS]E|COPYING|COPYRIGHT|NOTICE)"

RULES = (
    Rule(
        CauseClass.LICENSE_MOVED,
        (
            rf"\b{_TOOLS}: {_CANNOT}:? '?(?P<file>[^':]*{_LICENSE}[^':]*)",
            (
                r"(?i:licen[cs]e(?:[- ]?files?|-path)?)\b.*[`'\"](?P<file>[^`'\"]+)[`'\"]"
                r".*(?:(?:not|n't) (?:exist|appear|match|found)|No such|cannot)"
            ),
            (
                rf"(?i:(?:open|read|stat|find|load)\S* (?:the )?(?:licen[cs]e )?(?:file )?)"
                rf"(?P<file>\S*{_LICENSE}\S*): .*(?i:no such file|not found)"
            ),
            rf"{_TOOLS}: (?P<file>[^\s':]*{_LICENSE}[^\s':]*): No such file",
        ),
        "The license file {file} is not there any more",
        "Upstream moved or renamed it; the spec's `copyright` or its install step names the old "
        "place. A changed license is for a person to judge.",
        14,
    ),
    Rule(
        CauseClass.SONAME_CHANGED,
        (
            r"soname version check failed(?:, (?P<library>[A-Za-z0-9+_.-]+) has)?",
            r"(?i:soname\S* (?:was |has |is |have )?(?:changed|differs?|bumped)|changed sonames?)",
            r"error while loading shared libraries: (?P<library>\S+\.so\.[0-9]\S*):",
            r"Error loading shared library (?P<library>\S+\.so\.[0-9]\S*):",
            r"version [\x60'](?P<library>[A-Za-z][A-Za-z0-9_.]+)' not found \(required by",
            r"symbol lookup error: ",
            r"needed by \S+, may conflict with (?P<library>lib\S+\.so\S*)",
            r"so:(?P<library>lib\S+\.so\.[0-9][0-9.]*) \(no such package\)",
            r"nothing provides \"?so:(?P<library>lib[^\s\"]+)",
        ),
        "The shared library {library} changed its soname",
        "What was linked against the old one no longer loads: the packages that depend on it must "
        "be built again, with their epoch raised by one.",
        14,
        confidence=0.8,
    ),
    Rule(
        CauseClass.FILES_CHANGED,
        (
            rf"\b{_TOOLS}: {_CANNOT}:? '?(?P<file>[^':\n]+?)'?: ",
            rf"\b{_TOOLS}: (?P<file>[^\s':]+): No such file or directory",
            rf"\b{_TOOLS}: {_CANNOT}:? '?(?P<file>[^':\n]+)",
            r"\bcd: (?:can't cd to )?(?P<file>[^\s:]+?):? ?(?:No such file|not found|$)",
            r"(?:open|stat|lstat|copying|read) (?P<file>/?[^\s:]+): no such file or directory",
            r"(?:FileNotFoundError: .*|ENOENT: no such file or directory, \w+ )'(?P<file>[^']+)'",
            r"tar: (?P<file>[^\s:]+): Not found in archive",
            r"\bcd: (?:line [0-9]+: )?(?P<file>[^\s:]+): No such file or directory",
        ),
        "The file {file} is not there any more",
        "Upstream moved, renamed or no longer builds it; a step of the spec expects it.",
        12,
    ),
    Rule(
        CauseClass.FILES_CHANGED,
        (
            r"(?i:linter \"?(?P<what>[a-z/]+)\"? failed)",
            r"(?i:lint(?:er)?s?\b.*\bfail(?:ed|ure))",
            r"trying to overwrite (?P<file>\S+) owned by",
            r"(?i:package (?:\S+ )?(?:contains files in|is empty|has no files))",
            r"(?i:unpackaged files|files? (?:not|aren't) packaged|file list (?:changed|differs))",
            r"package contains (?:files|paths) .*(?:/usr/local|/opt|/srv|/tmp|world-writable)",
        ),
        "The package does not hold the files that it should",
        "The new version installs to other places, or the files belong to another subpackage now. "
        "{file}",
        12,
    ),
)
