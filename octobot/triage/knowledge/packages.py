"""Find the package of the distro with a header, library, pkg-config file, command or module.

Well-known names come from tables, the others from how distros name packages.  A name is proposed
only when it exists, where the names that exist are known.
"""

import re
from collections.abc import Iterator

from octobot.triage.knowledge.package_names import COMMANDS, HEADERS, LIBRARIES, PKG_CONFIG, PYTHON
from octobot.triage.knowledge.rule import Known

_NAME = re.compile(r"[a-z0-9][a-z0-9+_.-]{0,80}")
_VERSION = re.compile(r"[-_]?[0-9][0-9.]{0,10}$")


def of_header(header: str, known: Known) -> str | None:
    """Name the package of `zlib.h` or `openssl/ssl.h`; None when no name is plausible."""
    path = header.strip("<>\"'")
    folder, slash, _ = path.partition("/")
    listed = (*HEADERS.get(path, ()), *(HEADERS.get(folder + "/", ()) if slash else ()))
    stem = folder if slash else path.rpartition(".")[0]
    return _pick((*listed, *_development(stem)), known)


def of_library(name: str, known: Known) -> str | None:
    """Name the package of what the linker calls `-lNAME`, or CMake `NAME`."""
    bare = name.removeprefix("lib").split(".so", maxsplit=1)[0].removesuffix(".a")
    listed = (*LIBRARIES.get(bare, ()), *LIBRARIES.get(bare.lower(), ()))
    return _pick((*listed, *_development(bare)), known)


def of_pkg_config(name: str, known: Known) -> str | None:
    """Name the package that holds `NAME.pc`."""
    return _pick((*PKG_CONFIG.get(name, ()), *_development(name)), known)


def of_command(command: str, known: Known) -> str | None:
    """Name the package that brings a command; a path to it is fine."""
    name = command.strip("'\"`").rpartition("/")[2]
    versioned = _VERSION.sub("", name)
    listed = (*COMMANDS.get(name, ()), *COMMANDS.get(versioned, ()))
    return _pick((*listed, name.lower()), known)


def of_python(module: str, known: Known) -> str | None:
    """Name the package of a Python module or distribution."""
    top = module.strip("'\"").partition(".")[0]
    name = PYTHON.get(module, PYTHON.get(top, top)).lower().replace("_", "-")
    return _pick((f"py3-supported-{name}", f"py3-{name}"), known)


def of_perl(module: str, known: Known) -> str | None:
    """Name the package of a Perl module, written `Foo/Bar.pm` or `Foo::Bar`."""
    name = module.removesuffix(".pm").replace("::", "-").replace("/", "-").lower()
    return _pick((f"perl-{name}",), known)


def of_ruby(name: str, known: Known) -> str | None:
    """Name the package of a gem, for the newest Ruby that has it; None unless it is known.

    The package's name contains the version of Ruby, and no log says which one is needed.
    """
    bare = name.partition("/")[0]
    pattern = re.compile(rf"ruby-?([0-9])\.([0-9])-{re.escape(bare)}")
    found = [match for each in known or () if (match := pattern.fullmatch(each))]
    newest = max(found, key=lambda match: (int(match[1]), int(match[2])), default=None)
    return newest[0] if newest else None


def _development(stem: str) -> Iterator[str]:
    """Return the names that development files of `stem` usually go by, likeliest first."""
    low = stem.lower().removesuffix(".h")
    bare = _VERSION.sub("", low)
    for name in dict.fromkeys((low, bare, f"lib{bare}", bare.removeprefix("lib"))):
        if name:
            yield f"{name}-dev"


def _pick(candidates: tuple[str, ...], known: Known) -> str | None:
    """Return the first plausible name; a `-dev` subpackage exists when its spec does."""
    plausible = (name for name in candidates if _NAME.fullmatch(name))
    exists = (
        name
        for name in plausible
        if known is None or name in known or name.removesuffix("-dev") in known
    )
    return next(exists, None)
