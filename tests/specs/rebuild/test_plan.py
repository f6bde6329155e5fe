from collections.abc import Mapping, Sequence

import pytest

from octobot.model.rebuild import Plan, Trigger, TriggerKind, UnknownTriggerError
from octobot.specs.graph.distro import Distro
from octobot.specs.graph.index import Built, Index, index_of
from octobot.specs.rebuild.plan import may_be_missing, plan, read_trigger, ready
from octobot.specs.rebuild.triggers.selection import NOTHING_KNOWN, Known
from tests.specs.graph.small_distro import builds_with, distro, makes, spec


def toolchain(*notes: str) -> str:
    """Write the annotations of a toolchain that provides `go`."""
    lines = "".join(f"    {note}\n" for note in ("toolchain: true", *notes))
    provides = '  dependencies:\n    provides: ["go=${{package.full-version}}"]\n'
    return f"  annotations:\n{lines}{provides}"


GO = {
    "go-1.25": spec("go-1.25", toolchain(), version="1.25.9"),
    "go-1.26": spec("go-1.26", toolchain(), version="1.26.4"),
    "delve": spec("delve", builds_with("go-1.26")),
    "cue": spec(
        "cue",
        builds_with("delve") + "pipeline:\n  - uses: go/build\n    with: {go-package: go-1.26}\n",
    ),
    "old": spec("old", builds_with("go-1.25")),
    "floating": spec("floating", "pipeline: [{uses: go/build}]\n"),
    "jq": spec("jq", builds_with("busybox")),
    "tested": spec("tested", "test:\n  environment:\n    contents:\n      packages: [go-1.26]\n"),
}


def planned(found: Distro, trigger: str, known: Known = NOTHING_KNOWN) -> Plan:
    """Plan a trigger as a person writes it."""
    return plan(found.graph, read_trigger(trigger, found.graph), known)


def names(made: Plan) -> list[list[str]]:
    """Return the specs of each level."""
    return [[each.spec for each in level] for level in made.levels]


def why(made: Plan) -> Mapping[str, str]:
    """Return the reason of each spec that is skipped."""
    return {each.spec: each.why for each in made.skipped}


def test_a_toolchain_rebuilds_its_direct_users_in_order() -> None:
    """Each with the way in which it is used; those that only test with it are none."""
    made = planned(distro(GO), "go-1.26")
    assert names(made) == [["delve"], ["cue"]]
    assert made.count == 2
    assert made.levels[1][0].why == "builds with `go-1.26` through pipeline `go/build`"
    assert why(made) == {
        "old": "is pinned to another stream: builds with `go-1.25`",
        "floating": "builds with `go`, which `go-1.26` provides and its toolchain packages omit",
    }
    assert made.certain


@pytest.mark.parametrize(
    ("known", "wanted"),
    [
        (Known(toolchains={"go-1.26": ("go", "go-1.26")}), [["delve", "floating"], ["cue"]]),
        (Known(held={"delve": "CI is red"}), [["cue"]]),
        (Known(raised={"cue": "in 0123456789ab"}), [["delve"]]),
    ],
)
def test_what_is_known_beside_the_specs_is_respected(
    known: Known, wanted: Sequence[Sequence[str]]
) -> None:
    """The file's toolchains, holds, and what somebody raised since."""
    made = planned(distro(GO), "go-1.26", known)
    assert names(made) == wanted
    for name, reason in (*known.held.items(), *known.raised.items()):
        assert reason in why(made)[name]


@pytest.mark.parametrize(
    ("note", "change", "count"),
    [
        ("toolchain-reconcile-epoch-bumps: false", "1.26.4-r0..1.26.4-r1", 0),
        ("toolchain-reconcile-epoch-bumps: false", "1.26.3-r2..1.26.4-r0", 2),
        ("toolchain-reconcile-epoch-bumps: true", "1.26.4-r0..1.26.4-r1", 2),
    ],
)
def test_an_epoch_alone_counts_unless_annotations_exclude_it(
    note: str, change: str, count: int
) -> None:
    """Its users are raised for a version, or for each build of the toolchain."""
    found = distro(GO | {"go-1.26": spec("go-1.26", toolchain(note), version="1.26.4")})
    assert planned(found, f"go-1.26={change}").count == count


def test_a_list_of_packages_replaces_the_toolchains_own_name() -> None:
    """`toolchain-pkgs`, a template included; `_ALL` means all that it builds."""
    body = makes("perl-dev", "miniperl")
    users = {"xs": spec("xs", builds_with("perl-dev")), "doc": spec("doc", builds_with("perl"))}
    users["mini"] = spec("mini", builds_with("miniperl"))
    for packages, wanted in (("${{package.name}}-dev", ["xs"]), ("_ALL", ["doc", "mini", "xs"])):
        notes = f"  annotations: {{toolchain: 'true', toolchain-pkgs: '{packages}'}}\n"
        made = planned(distro(users | {"perl": spec("perl", notes + body)}), "perl")
        assert names(made) == [wanted]


LIBRARY = {
    "icu": spec("icu", makes("icu-dev", "libicu78")),
    "R": spec("R", builds_with("icu-dev")),
    "tmux": spec("tmux", builds_with("icu")),
    "icu-bindings": spec("icu-bindings", builds_with("icu")),
    "static": spec("static", builds_with("icu-dev")),
}


def test_a_library_rebuilds_those_that_build_with_its_dev_package() -> None:
    """From specs that may be more than needed; who uses only its tools stays."""
    made = planned(distro(LIBRARY), "icu")
    assert names(made) == [["R", "icu-bindings", "static"]]
    assert why(made) == {"tmux": "builds with `icu`, which is no `-dev` package"}
    assert not made.certain


def built(name: str, *words: str, version: str = "1-r0", origin: str = "") -> Built:
    """Make a package of an index: `+libx.so.1` is provided, `-libx.so.1` needed."""
    return Built(
        name,
        version,
        origin or name,
        sonames=frozenset(word[1:] for word in words if word.startswith("+")),
        needs_sonames=frozenset(word[1:] for word in words if word.startswith("-")),
    )


def index(*packages: Built) -> Index:
    """Make an index."""
    return index_of(packages)


BUILT = index(
    built("libicu78", "+libicuuc.so.78", "+libicui18n.so.78", origin="icu"),
    built("R", "-libicuuc.so.78"),
    built("tmux-libs", "-libicui18n.so.78", origin="tmux"),
    built("elsewhere", "-libicuuc.so.78"),
)


def test_with_an_index_the_users_of_a_library_are_those_that_are_linked() -> None:
    """Whatever the specs build with; what is no spec here cannot be rebuilt here."""
    made = planned(distro(LIBRARY), "icu", Known(index=BUILT))
    assert names(made) == [["R", "icu-bindings", "tmux"]]
    assert made.levels[0][0].why == "`R` is linked with `libicuuc.so.78`"
    assert made.certain


def test_a_new_soname_rebuilds_those_that_are_linked_with_the_old_one() -> None:
    """The library's own spec is not among them."""
    both = index(
        *BUILT.packages, built("libicu79", "+libicuuc.so.79", "-libicuuc.so.78", origin="icu")
    )
    made = planned(distro(LIBRARY), "soname:libicuuc.so.79", Known(index=both))
    assert names(made) == [["R"]]
    with pytest.raises(UnknownTriggerError, match=r"like libnone\.so\.1"):
        planned(distro(LIBRARY), "soname:libnone.so.1", Known(index=both))


def test_each_stream_of_a_library_has_its_own_users() -> None:
    """A new soname of one is nothing to those that are linked with another, which stays."""
    specs = {name: spec(name) for name in ("ssl-1", "ssl-3", "old", "new")}
    both = index(
        built("ssl-1", "+libssl.so.1.1"),
        built("ssl-3", "+libssl.so.3"),
        built("old", "-libssl.so.1.1"),
        built("new", "-libssl.so.3"),
    )
    with pytest.raises(UnknownTriggerError, match="ssl-1 and ssl-3 build"):
        planned(distro(specs), "soname:libssl.so.4", Known(index=both))
    after = index(*both.packages, built("ssl-3", "+libssl.so.4", version="2-r0"))
    made = planned(distro(specs), "soname:libssl.so.4", Known(index=after))
    assert names(made) == [["new"]]
    with_dev = distro(specs | {"ssl-3": spec("ssl-3", makes("ssl-3-dev"), version="3.9")})
    assert names(planned(with_dev, "ssl-3", Known(index=after))) == [["new"]]


def test_once_a_library_is_published_only_lost_sonames_are_rebuilt_for() -> None:
    """What is linked with one that it still provides fits; before, nobody knows which will go."""
    before = index(
        built("icu-libs", "+libuc.so.1", "+libio.so.5", origin="icu", version="77-r0"),
        built("R", "-libuc.so.1"),
        built("tmux", "-libio.so.5"),
    )
    lib = built("icu-libs", "+libuc.so.2", "+libio.so.5", origin="icu", version="78-r0")
    after = index(*before.packages, lib)
    for known, wanted in ((before, [["R", "tmux"]]), (after, [["R"]])):
        assert names(planned(distro(LINKED), "icu=77..78", Known(index=known))) == wanted
    assert names(planned(distro(LINKED), "icu", Known(index=after))) == [["R", "tmux"]]


LINKED = {name: LIBRARY[name] for name in ("icu", "R")} | {"tmux": spec("tmux")}


def test_a_rebuild_is_ready_when_what_it_is_built_with_is_published() -> None:
    """The trigger, and what was raised for it; without an index merged is enough."""
    graph = distro(GO).graph
    nothing = index(built("other"))
    go = built("go-1.26", version="1.26.4-r0")
    merged = {"delve": "in 0123456789ab"}
    for known, wanted in (
        (Known(), ["delve"]),
        (Known(index=nothing), []),
        (Known(index=index(go)), ["delve"]),
        (Known(raised=merged), ["cue"]),
        (Known(index=index(go), raised=merged), []),
        (Known(index=index(go, built("delve", version="1.0-r0")), raised=merged), ["cue"]),
    ):
        made = plan(graph, read_trigger("go-1.26", graph), known)
        assert [each.spec for each in ready(graph, made, known)] == wanted


def test_without_an_index_a_soname_is_found_by_the_name_of_a_package() -> None:
    """And is not certain; a library that no package is named for is not guessed."""
    made = planned(distro(LIBRARY), "soname:libicu.so.78")
    assert names(made) == [["R", "static"]]
    assert not made.certain
    with pytest.raises(UnknownTriggerError, match="an index of built packages knows"):
        planned(distro(LIBRARY), "soname:libicui18n.so.78")


def test_modules_of_a_language_are_known_by_name_or_pipeline() -> None:
    """A new Perl rebuilds its modules and those that embed it, not those that run a script."""
    found = distro(
        {
            "perl": spec("perl", makes("perl-dev")),
            "perl-uri": spec("perl-uri", builds_with("perl")),
            "exim": spec("exim", builds_with("perl-dev")),
            "odd": spec("odd", "pipeline: [{uses: perl/make}]\n"),
            "openssl": spec("openssl", builds_with("perl")),
            "ruby-3.4": spec("ruby-3.4", makes("ruby-3.4-dev"), version="3.4.1"),
            "ruby3.4-ffi": spec("ruby3.4-ffi", builds_with("ruby-3.4")),
        }
    )
    assert names(planned(found, "perl")) == [["exim", "odd", "perl-uri"]]
    assert why(planned(found, "perl")).keys() == {"openssl"}
    assert names(planned(found, "ruby-3.4")) == [["ruby3.4-ffi"]]


def test_a_stream_move_is_of_the_users_of_the_stream_before() -> None:
    """Older streams are pinned; a spec may opt out; streams of the family do not move."""
    optout = "  annotations: {toolchain-stream-reconcile-optout: 'true'}\n"
    found = distro(
        GO
        | {
            "go-1.27": spec("go-1.27", toolchain() + builds_with("go-1.26"), version="1.27.0"),
            "stays": spec("stays", optout + builds_with("go-1.26")),
        }
    )
    made = planned(found, "stream:go-1.27")
    assert str(made.trigger) == "stream:go-1.26..go-1.27"
    assert names(made) == [["delve", "floating"], ["cue"]]
    assert why(made) == {
        "stays": "opted out: `toolchain-stream-reconcile-optout`",
        "go-1.27": "is itself a stream of this family",
        "old": "is pinned to another stream: builds with `go-1.25`",
    }
    assert names(planned(found, "stream:go-1.25..go-1.27")) == [["floating", "old"]]


@pytest.mark.parametrize(
    ("text", "wanted"),
    [
        ("users-of:go", [["delve", "floating"], ["cue"]]),
        ("users-of:go-1.25", [["old"]]),
        ("pipeline:go/build", [["cue", "floating"]]),
        ("d*", [["delve"]]),
        ("jq cue", [["cue", "jq"]]),
    ],
)
def test_a_person_orders_users_a_pipeline_or_names(text: str, wanted: Sequence[object]) -> None:
    """Nothing of it is by annotations."""
    assert names(planned(distro(GO), text)) == wanted


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("nope", "no spec is named nope"),
        ("nope=1..2", "no spec is named nope"),
        ("users-of:nope", "no spec builds or provides nope"),
        ("pipeline:nope", "no spec uses pipeline nope"),
        ("pipeline:", "names nothing"),
        ("stream:nope", "no spec is named nope"),
        ("zz*", "no spec is named"),
        ("jq nope", "no spec is named nope"),
    ],
)
def test_a_trigger_that_names_nothing_is_no_empty_plan(text: str, said: str) -> None:
    """Of a typing error nobody learns otherwise."""
    with pytest.raises(UnknownTriggerError, match=said):
        planned(distro(GO), text)


def test_specs_that_need_each_other_are_on_one_level() -> None:
    """And what needs them is above; the trigger's own spec is never rebuilt for itself."""
    found = distro(
        {
            "gcc": spec("gcc", builds_with("gcc", "binutils")),
            "binutils": spec("binutils", builds_with("gcc", "flex")),
            "flex": spec("flex", builds_with("gcc", "binutils")),
            "bash": spec("bash", builds_with("gcc", "flex")),
        }
    )
    assert names(planned(found, "gcc")) == [["binutils", "flex"], ["bash"]]


def test_an_unreadable_spec_that_may_belong_on_the_plan_is_named() -> None:
    """By the names in its text: one of a longer word is another name."""
    found = distro(GO)
    texts = {
        "a.yaml": "packages: [go-1.26]\nepoch: ?",
        "b.yaml": "uses go-1.26-asm",
        "c.yaml": "go-1.260",
        "d.yaml": "go-package: 'go'",
        "pipelines/x.yaml": "go-1.26",
    }
    made = planned(found, "go-1.26")
    assert may_be_missing(found.graph, made, texts) == ("a.yaml", "d.yaml")
    assert may_be_missing(found.graph, planned(found, "d*"), texts) == ("d.yaml",)


def test_a_trigger_is_written_as_it_is_read() -> None:
    """So that a person can repeat it."""
    graph = distro(GO).graph
    for text in ("go-1.26", "go-1.26=1.26.3..1.26.4", "users-of:go", "pipeline:go/build", "d*"):
        trigger = read_trigger(text, graph)
        assert str(trigger) == text
    assert read_trigger("go", graph) == Trigger(TriggerKind.PACKAGE, "go-1.26")
