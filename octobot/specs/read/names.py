"""The names of all packages that a distro's specs make, subpackages included.

Read by lines, not parsed: it is asked of thousands of specs at once, and only to know which names
exist.  A name that is made from a range or a variable is left out.
"""

import re
from collections.abc import Mapping

_NAME = re.compile(r"^ {2,4}- name: *[\"']?([^\s\"'#]+)", re.MULTILINE)
_SELF = re.compile(r"\$\{\{ *package\.name *\}\}")
_PLAIN = re.compile(r"[A-Za-z0-9][A-Za-z0-9+_.-]*")


def package_names(specs: Mapping[str, str]) -> frozenset[str]:
    """Return the packages and subpackages of specs, path `NAME.yaml` → text."""
    found: set[str] = set()
    for path, text in specs.items():
        package = path.rpartition("/")[2].removesuffix(".yaml")
        found.add(package)
        subpackages = text.partition("\nsubpackages:")[2]
        names = (_SELF.sub(package, match[1]) for match in _NAME.finditer(subpackages))
        found.update(name for name in names if _PLAIN.fullmatch(name))
    return frozenset(found)
