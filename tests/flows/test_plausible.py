"""What one check selects where the greatest name upstream is not the next version."""

import pytest

from octobot.flows.lookup.plausible import Evidence
from octobot.flows.lookup.select import Lookup, select
from octobot.flows.view import ANY_VERSION, VersionOrders
from octobot.model.ids import Sha, Version
from octobot.model.package import Package
from octobot.model.reasons import ReasonCode
from octobot.model.release import Release
from octobot.specs.read.package import read

PINNED = Sha("1" * 40)
SPEC = f"""\
package:
  name: hello
  version: "0.3.1"
  epoch: 0
pipeline:
  - uses: git-checkout
    with:
      repository: https://github.com/example/mono
      tag: a/v${{{{package.version}}}}
      expected-commit: {PINNED}
update:
  enabled: true
  github:
    identifier: example/mono
    strip-prefix: a/v
    use-tag: true
"""
OWN = Release("a/v0.3.1", PINNED)


def check(
    *names: str,
    text: str = SPEC,
    own: Release | None = OWN,
    missing: dict[Version, str] | None = None,
    orders: VersionOrders = ANY_VERSION,
) -> Lookup:
    """Check an upstream once that shows these names beside the spec's own."""
    package = read("hello.yaml" if "name: hello\n" in text else "hello-0.3.yaml", text)
    assert isinstance(package, Package)
    found = [Release(name) for name in names] + ([own] if own else [])
    evidence = Evidence(text, missing or {})
    return select(package, found, orders, evidence)


def told(one: Lookup) -> tuple[str | None, ReasonCode]:
    """Give the target's version and the reason code."""
    return one.target.version if one.target else None, one.reason.code


def test_another_projects_tag_is_no_candidate() -> None:
    """`5.1.0` cannot be what `a/v${{package.version}}` names; `a/v0.3.2` is."""
    found = check("5.1.0", "v5.0.0", "b/v9.0.0", "a/v0.3.2")
    assert told(found) == ("0.3.2", ReasonCode.UPDATE_FOUND)
    assert "5.1.0" in found.reason.detail
    assert told(check("5.1.0", "v5.0.0", "b/v9.0.0")) == (None, ReasonCode.UP_TO_DATE)


def test_a_scheme_that_changed_is_said() -> None:
    """The next version is there under a name that the spec does not ask for."""
    found = check("0.4.0")
    assert told(found) == (None, ReasonCode.PIN_UNRESOLVED)
    assert found.reason.detail == "0.4.0 is listed, but the spec asks for the tag a/v0.4.0"
    assert found.selection
    assert [(one.name, one.because) for one in found.selection.dropped] == [
        ("0.4.0", found.reason.detail)
    ]


@pytest.mark.parametrize(
    ("before", "after"),
    [
        ("    use-tag: true\n", ""),  # releases are not tags
        ("example/mono\n      tag", "example/other\n      tag"),  # another repository is built
        ("a/v${{package.version}}", "a/v${{vars.unknown}}"),
    ],
)
def test_a_tag_that_is_not_known_to_be_missing_is_believed(before: str, after: str) -> None:
    """A list that says nothing of the checkout's tags drops nothing."""
    text = SPEC.replace(before, after)
    assert text != SPEC
    assert told(check("0.4.0", text=text)) == ("0.4.0", ReasonCode.UPDATE_FOUND)


def test_a_list_without_the_specs_own_tag_proves_nothing_of_others() -> None:
    """But that the spec can neither be built as it is, nor at the version that is listed."""
    assert told(check("0.4.0", own=None)) == (None, ReasonCode.TAG_DELETED)
    assert told(check("a/v0.4.0", own=None)) == ("0.4.0", ReasonCode.UPDATE_FOUND)


def test_a_name_that_a_transform_makes_is_found() -> None:
    """Tag and version differ, and the spec's own var-transform makes the one of the other."""
    text = SPEC.replace("a/v${{package.version}}", "r_${{vars.mangled}}")
    rule = "{from: '${{package.version}}', match: '\\.', replace: _, to: mangled}"
    text = text.replace(
        "update:\n", f"var-transforms:\n  - {rule}\nupdate:\n  version-separator: _\n"
    )
    text = text.replace("strip-prefix: a/v", "strip-prefix: r_")
    own = Release("r_0_3_1", PINNED)
    assert told(check("r_0_3_2", "0_9_0", text=text, own=own)) == ("0.3.2", ReasonCode.UPDATE_FOUND)


def test_what_could_not_be_found_gives_way_for_a_while() -> None:
    """What a monitor lists and upstream never tagged."""
    missing = {Version("0.4.0"): "0.4.0 is listed, but nobody has it"}
    found = check("a/v0.4.0", "a/v0.3.2", missing=missing)
    assert told(found) == ("0.3.2", ReasonCode.UPDATE_FOUND)
    assert "nobody has it" in found.reason.detail
    assert told(check("a/v0.4.0", missing=missing)) == ("0.4.0", ReasonCode.UPDATE_FOUND)


def test_a_later_stream_is_left_alone_and_said() -> None:
    """With nothing newer inside the stream, that is the package's reason."""
    text = SPEC.replace("name: hello\n", "name: hello-0.3\n")
    found = check("a/v0.4.0", text=text)
    assert told(found) == (None, ReasonCode.LEAVES_STREAM)
    assert found.reason.detail == "0.4.0 is outside the version stream 0.3 of the package's name"
    assert told(check("a/v0.4.0", "a/v0.3.2", text=text)) == ("0.3.2", ReasonCode.UPDATE_FOUND)
    assert told(check("a/v0.2.9", text=text)) == (None, ReasonCode.UP_TO_DATE)
    assert told(check("a/v0.4.0", text=text, own=None)) == (None, ReasonCode.TAG_DELETED)


def test_where_the_orders_disagree_the_package_says_so() -> None:
    """Both tools are named."""
    text = SPEC.replace("0.3.1", "0.027")
    found = check("a/v0.5.3", text=text, own=Release("a/v0.027", PINNED))
    assert told(found) == (None, ReasonCode.NOT_GREATER)
    assert "apk-tools" in found.reason.detail
    assert "apko" in found.reason.detail


def test_an_ignored_version_is_still_said_to_be_ignored() -> None:
    """A person's word comes before what octobot makes of the rest."""
    orders = VersionOrders(ignored=(("0.3.2", "ann"),))
    assert told(check("a/v0.3.2", orders=orders)) == (None, ReasonCode.IGNORED)
