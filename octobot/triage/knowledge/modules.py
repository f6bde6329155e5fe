"""A module of a language is missing: Python, Ruby, Perl, Node, Go, Rust, Java."""

from octobot.model.triage import CauseClass
from octobot.triage.knowledge import packages
from octobot.triage.knowledge.missing import add
from octobot.triage.knowledge.rule import Rule

_K = CauseClass.MODULE_MISSING
_ADD = "A package that brings it belongs into `environment.contents.packages`"

RULES = (
    Rule(
        _K,
        (
            r"ModuleNotFoundError: No module named '(?P<module>[^']+)'",
            r"ImportError: No module named '?(?P<module>[A-Za-z0-9_.]+)",
            r"(?:ERROR: )?No matching distribution found for (?P<module>[A-Za-z0-9_.-]+)",
            r"satisfies the requirement (?P<module>[A-Za-z0-9_.-]+)",
            r"python3? is missing modules: (?P<module>[A-Za-z0-9_.]+)",
            r"Backend '(?P<module>[A-Za-z0-9_.]+)[^']*' is not available",
            r"Cannot import '(?P<module>[A-Za-z0-9_.]+)'",
            r"No module named '(?P<module>[A-Za-z0-9_.]+)'",
        ),
        "The Python module {module} is missing",
        _ADD + ", or into `dependencies.runtime` when the installed program needs it.",
        13,
        fixes=add("module", packages.of_python),
    ),
    Rule(
        _K,
        (r"^ERROR Missing dependencies:",),
        "The Python module {module} is missing",
        _ADD + ".",
        13,
        ahead=r"^\s{1,8}(?P<module>[A-Za-z0-9_.-]+)(?:[ <>=!~\[].*)?$",
        fixes=add("module", packages.of_python),
    ),
    Rule(
        _K,
        (
            r"cannot load such file -- (?P<module>[A-Za-z0-9_./-]+)",
            r"Could not find gem '(?P<module>[A-Za-z0-9_.-]+)",
            r"Could not find '(?P<module>[A-Za-z0-9_.-]+)' \([^)]+\) (?:among|- did find)",
            r"Could not find (?P<module>[a-z][a-z0-9_-]+?)-[0-9][0-9.]* in (?:any|cached|l)",
        ),
        "The Ruby library {module} is missing",
        _ADD + ", or into `dependencies.runtime` when the gem itself needs it.",
        13,
        fixes=add("module", packages.of_ruby),
    ),
    Rule(
        _K,
        (
            r"Can't locate (?P<module>[A-Za-z0-9_/]+\.pm) in @INC",
            r"Warning: prerequisite (?P<module>[A-Za-z0-9_:]+) [0-9.]+ not found",
            r"^\s{0,4}! +(?P<module>[A-Za-z0-9_:]+) is not installed",
        ),
        "The Perl module {module} is missing",
        _ADD + ".",
        13,
        fixes=add("module", packages.of_perl),
    ),
    Rule(
        _K,
        (
            r"Error: Cannot find (?:module|package) '(?P<module>[^']+)'",
            r"npm (?:ERR!|error) 404 .*'(?P<module>[^']+)'",
            r"npm (?:ERR!|error) notarget No matching version found for (?P<module>\S+)",
            r"error TS2307: Cannot find module '(?P<module>[^']+)'",
            r"Module not found: Error: Can't resolve '(?P<module>[^']+)'",
        ),
        "The Node module {module} is missing",
        "It is in no lock file or registry that the build sees.",
        13,
    ),
    Rule(
        _K,
        (
            r"no required module provides package (?P<module>[^\s;:]+)",
            r"cannot find module providing package (?P<module>[^\s;:]+)",
            r"cannot find package \"(?P<module>[^\"]+)\"",
            r"package (?P<module>[^\s;:]+) is not in (?:std|GOROOT)",
        ),
        "No module brings the Go package {module}",
        "`go.mod` does not list it: a file that generates it did not run, or the build starts in "
        "the wrong `modroot`.",
        13,
    ),
    Rule(
        _K,
        (
            r"no matching package named `(?P<module>[^`]+)` found",
            r"can't find crate for `(?P<module>[^`]+)`",
            r"unresolved import `(?P<module>[^`]+)`",
        ),
        "The crate {module} is missing",
        "The lock file and the sources do not agree, or a feature of the crate is switched off.",
        13,
    ),
    Rule(
        _K,
        (
            r"Could not find artifact (?P<module>\S+)",
            r"Could not resolve dependencies for project (?P<module>\S+)",
            r"package (?P<module>[a-z][A-Za-z0-9_.]+) does not exist$",
            r"Could not find (?P<module>[a-z][A-Za-z0-9_.-]+:[A-Za-z0-9_.-]+:[0-9]\S*)\.$",
        ),
        "The Java artifact {module} is missing",
        "No repository that the build asks has it in this version.",
        13,
    ),
    Rule(
        _K,
        (r"requires (?P<module>ext-[a-z0-9_]+) \S+ -> it is missing from your system",),
        "The PHP extension {module} is missing",
        _ADD + ".",
        13,
    ),
    Rule(
        _K,
        (
            r"there is no package called .(?P<module>[A-Za-z0-9.]+)",
            r"module '(?P<module>[^']+)' not found:",
            r"ERROR: dependenc(?:y|ies) (?P<module>.+) (?:is|are) not available for package",
        ),
        "The module {module} is missing",
        _ADD + ".",
        12,
    ),
)
