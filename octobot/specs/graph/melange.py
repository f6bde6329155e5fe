"""What melange's built-in pipelines install: facts of its `pkg/build/pipelines`.

Only the inputs that a package's name is made from are listed.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field

MELANGE = "0.59.1"
"""The version of melange whose pipelines these are."""


@dataclass(frozen=True, slots=True)
class BuiltIn:
    """A built-in pipeline."""

    needs: str = ""
    """Packages, separated by blanks."""
    defaults: Mapping[str, str] = field(default_factory=dict)
    """Of those inputs that are in `needs`."""
    uses: tuple[str, ...] = ()


BUILT_IN: Mapping[str, BuiltIn] = {
    "R/build": BuiltIn("R R-dev R-doc busybox"),
    "autoconf/configure": BuiltIn("autoconf automake libtool"),
    "autoconf/make": BuiltIn("make"),
    "autoconf/make-install": BuiltIn("make"),
    "cargo/build": BuiltIn("build-base busybox cargo-auditable rust"),
    "cmake/build": BuiltIn("cmake ninja"),
    "cmake/configure": BuiltIn("cmake ninja"),
    "cmake/install": BuiltIn("cmake ninja"),
    "fetch": BuiltIn("wget"),
    "git-am": BuiltIn("git"),
    "git-checkout": BuiltIn("git"),
    "go/build": BuiltIn(
        "${{inputs.go-package}} build-base busybox ca-certificates-bundle", {"go-package": "go"}
    ),
    "go/build/v2": BuiltIn("busybox ca-certificates-bundle", uses=("strip",)),
    "go/bump": BuiltIn("git gobump"),
    "go/covdata": BuiltIn("${{inputs.package}} busybox jq", {"package": "go"}),
    "go/install": BuiltIn(
        "${{inputs.go-package}} busybox build-base ca-certificates-bundle git", {"go-package": "go"}
    ),
    "llvm/covreport": BuiltIn("${{inputs.package}}", {"package": "llvm-19"}),
    "maven/configure-mirror": BuiltIn("busybox"),
    "maven/pombump": BuiltIn("busybox pombump"),
    "meson/compile": BuiltIn("meson"),
    "meson/configure": BuiltIn("meson"),
    "meson/install": BuiltIn("meson"),
    "npm/install": BuiltIn("busybox nodejs ${{inputs.npm-package}} npm", {"npm-package": "npm"}),
    "patch": BuiltIn("patch"),
    "pecl/install": BuiltIn("automake busybox"),
    "pecl/phpize": BuiltIn("autoconf busybox"),
    "perl/cleanup": BuiltIn("busybox"),
    "perl/make": BuiltIn("busybox perl"),
    "python/build": BuiltIn("busybox python3"),
    "python/build-wheel": BuiltIn("busybox py3-build py3-installer python3"),
    "python/import": BuiltIn("wolfi-base"),
    "python/install": BuiltIn("busybox python3"),
    "python/test": BuiltIn("wolfi-base"),
    "ruby/build": BuiltIn("busybox ca-certificates-bundle"),
    "ruby/clean": BuiltIn("busybox ca-certificates-bundle"),
    "ruby/install": BuiltIn("busybox ca-certificates-bundle"),
    "split/alldocs": BuiltIn("busybox"),
    "split/bin": BuiltIn("busybox"),
    "split/debug": BuiltIn("binutils busybox scanelf"),
    "split/dev": BuiltIn("busybox"),
    "split/infodir": BuiltIn("busybox"),
    "split/lib": BuiltIn("busybox"),
    "split/locales": BuiltIn("busybox"),
    "split/manpages": BuiltIn("busybox"),
    "split/static": BuiltIn("busybox"),
    "strip": BuiltIn("binutils scanelf"),
    "xcover/ensure": BuiltIn("busybox jq ${{inputs.package}}", {"package": "xcover"}),
    "xcover/profile": BuiltIn("busybox ${{inputs.package}}", {"package": "xcover"}),
    "xcover/status": BuiltIn("busybox ${{inputs.package}}", {"package": "xcover"}),
    "xcover/stop": BuiltIn("busybox"),
    "xcover/wait": BuiltIn("busybox ${{inputs.package}}", {"package": "xcover"}),
}
