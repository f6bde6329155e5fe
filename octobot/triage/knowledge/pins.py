"""Versions of dependencies that do not fit together, mostly pins of our own."""

from collections.abc import Mapping

from octobot.model.triage import CauseClass, DropDependency, Fix, RaiseDependency
from octobot.triage.knowledge.rule import Known, Rule

_MODULE = r"[A-Za-z0-9][A-Za-z0-9._~/-]{2,}"
_VERSION = r"v?[0-9][0-9A-Za-z.+-]*"


def _drop(groups: Mapping[str, str], _known: Known) -> tuple[Fix, ...]:
    return (DropDependency(groups["module"]),) if groups.get("module") else ()


def _raise(groups: Mapping[str, str], _known: Known) -> tuple[Fix, ...]:
    if not groups.get("module") or not groups.get("version"):
        return ()
    return (RaiseDependency(groups["module"], groups["version"]),)


RULES = (
    Rule(
        CauseClass.PIN_CONFLICT,
        (
            rf"package '?(?P<module>{_MODULE})'? with (?:version )?'?{_VERSION}'? is already at",
            rf"(?P<module>{_MODULE})@?{_VERSION}: (?:is|already) (?:older|at a newer)",
            rf"requested version .*\"?(?P<module>{_MODULE})\"?.*(?:older|lower) than",
            rf"'?(?P<module>{_MODULE})'? version '?{_VERSION}'? is (?:older|lower) than the",
            rf"refus(?:es|ing) to downgrade (?P<module>{_MODULE})",
        ),
        "Upstream is past the pin of {module}",
        "The step pins a version that the new release already has, or has left behind, so the pin "
        "can go.",
        14,
        fixes=_drop,
    ),
    Rule(
        CauseClass.PIN_CONFLICT,
        (
            rf"requires (?P<module>{_MODULE})@(?P<version>{_VERSION}), (?:not|but)",
            rf"(?P<module>{_MODULE})@{_VERSION} requires? at least (?P<version>{_VERSION})",
        ),
        "{module} is pinned below what is needed",
        "Another module needs {version}: the pin must be raised, or dropped when the new release "
        "has it already.",
        13,
        fixes=_raise,
    ),
    Rule(
        CauseClass.PIN_CONFLICT,
        (
            rf"(?P<module>{_MODULE})@(?P<version>{_VERSION}): invalid version: unknown revision",
            rf"reading (?P<module>{_MODULE})/go\.mod at revision \S+: unknown revision",
            rf"(?P<module>{_MODULE})@{_VERSION}: .*parsing go\.mod:",
            r"version \S+ invalid: should be v0 or v1, not v[2-9]",
        ),
        "The version pinned for {module} does not exist",
        "The module has no such version under this name; it may have moved to a `/vN` path.",
        13,
    ),
    Rule(
        CauseClass.PIN_CONFLICT,
        (
            r"updates to go\.(?:mod|sum) needed|go: inconsistent vendoring|missing go\.sum entry",
            r"is explicitly required in go\.mod, but not marked as explicit in vendor",
            r"npm (?:ERR!|error) (?:code )?(?:ERESOLVE|EUSAGE)|unable to resolve dependency tree",
            r"`npm ci` can only install packages when your package\.json and package-lock",
            r"ResolutionImpossible|these package versions have conflicting dependencies",
            r"pip's dependency resolver .*conflicts",
            r"failed to select a version for (?:the requirement )?`(?P<module>[^` ]+)",
            r"lock file .* needs to be updated but --(?:locked|frozen) was passed",
            r"Bundler could not find compatible versions for gem \"(?P<module>[^\"]+)\"",
            r"Could not find compatible versions",
            r"because .+ depends on (?P<module>[A-Za-z0-9_.-]+).*version solving",
            r"Your requirements could not be resolved to an installable set of packages",
            r"VersionConflict|DistributionNotFound: ",
            r"but you have \S+ \S+ (?:installed|which is incompatible)",
            r"Unable to activate \S+, because|go: .* used for two different module paths",
            r"ambiguous import",
            r"module declares its path as|Could not resolve dependencies:$|ResolvePackageNotFound",
            r"lock ?file does not (?:contain a compatible|match|satisfy)",
            r"lock ?file (?:is )?out of date",
            r"frozen-lockfile|ERR_PNPM_\w*LOCKFILE|--frozen-lockfile|lockfile would have been",
            r"(?:ERR_PNPM_OUTDATED_LOCKFILE|YN0028|Your lockfile needs to be updated)",
            r"Rule [0-9]+: \S+\.(?:DependencyConvergence|RequireUpperBoundDeps) failed",
        ),
        "The versions of the dependencies contradict each other",
        "A pin or a lock file wants another version than the rest of the project.",
        12,
    ),
)
