import pytest

from octobot.model.pull_request import CheckRun, FailedCheck
from octobot.model.triage import Diagnosis
from octobot.triage.evaluate import cost
from octobot.triage.log.budget import TOKENS, WIDTH, shortened, shown, tokens
from octobot.triage.log.drain import Drain
from octobot.triage.log.excerpt import KEEP
from octobot.triage.log.templates import Baseline, Clusters, mask
from octobot.triage.log.triage import LogTriage

CHECK = CheckRun(7, "build", 15368, "completed", "failure")


def diagnose(log: str, baseline: str = "") -> Diagnosis:
    """Diagnose a log beside the last successful one of its job."""
    return LogTriage().diagnose(FailedCheck(CHECK, log, baseline))


def test_what_varies_is_masked_and_what_matters_is_not() -> None:
    """Numbers, digests and temporary paths go; a count of 0 is another thing than a count of 3."""
    assert mask("[12/340] CC /tmp/x1/a.o at 0xdeadbeef 1f0c9d2b7a4e") == "[#/#] CC # at # #"
    assert mask("3 failed, 10 passed in 2.5s") == mask("4 failed, 11 passed in 9.1s")
    assert mask("0 failed") != mask("3 failed")
    assert mask("No package 'foo' found") != mask("No package 'bar' found")


def test_alike_lines_are_one_group() -> None:
    """Lines that differ in names and numbers count as one, others do not."""
    clusters = Clusters()
    first = clusters.of("a.c:1:2: error: unknown type name 'foo_t'")
    assert clusters.of("b/c.c:30:4: error: unknown type name 'bar_t'") == first
    assert clusters.of("collect2: error: ld returned 1 exit status") != first


def test_drain_learns_what_alike_lines_have_in_common() -> None:
    """Half of the words are enough here; then any word fits where two lines differed."""
    drain = Drain(alike=0.5, leading=1)
    first = drain.add("cannot open zlib.h twice")
    assert drain.add("cannot open lzma.h again") == first
    assert drain.has("cannot open None never")
    assert not drain.has("cannot close None never")
    assert not drain.has("cannot open lzma.h")


def test_drain_compares_lines_of_one_length_and_beginning() -> None:
    """Another first word or another number of words is another group, however alike the rest."""
    drain = Drain(alike=0.5, leading=1)
    lines = [
        "gcc failed in step one",
        "ld failed in step one",
        "gcc failed in step",
        "gcc",
        "ld",
        "",
    ]
    assert [drain.add(line) for line in lines] == [1, 2, 3, 4, 5, 6]
    assert [drain.add(line) for line in lines] == [1, 2, 3, 4, 5, 6]
    assert all(drain.has(line) for line in lines)
    assert not Drain(alike=0.5, leading=1).has("")


def test_drain_joins_the_most_alike_group() -> None:
    """Not the first that is alike enough; of two, the one that already fits more lines."""
    drain = Drain(alike=0.5, leading=0)
    one, other = drain.add("a b c d"), drain.add("w x y z")
    assert one != other
    assert drain.add("a b y d") == one
    assert drain.add("w b y z") == other
    broad = Drain(alike=0.5, leading=0)
    narrow = [broad.add("a b c d"), broad.add("a f g h"), broad.add("k f g m")]
    assert narrow == [1, 2, 2]
    assert broad.add("a b g h") == 1


def test_drain_never_takes_a_word_for_a_place_that_differs() -> None:
    """A log may print what stands for any word elsewhere: it is a word like another."""
    drain = Drain(alike=0.5, leading=1)
    drain.add("None is <*> here")
    assert not drain.has("None is lzma here")
    drain.add("None is zlib here")
    assert drain.add("None None x y") != 1


def test_drain_keeps_its_tree_narrow() -> None:
    """Past a hundred first words, all others share one leaf."""
    drain = Drain(alike=0.5, leading=1)
    first = [drain.add(f"w{n} is a word") for n in range(300)]
    assert len(set(first)) == 100
    assert drain.has("quite is a word")
    assert not drain.has("quite is no word")


def test_what_a_successful_run_prints_too_is_no_cause() -> None:
    """An error that is always there is skipped; without the other log it would have decided."""
    always = "x.c:1:2: error: telemetry is off, going on\n"
    broken = "y.c:3:4: error: no such thing\n"
    log = f"+ make\n{always}{broken}make: *** [all] Error 1\n"
    assert "telemetry" in diagnose(log).cause
    assert diagnose(log, f"+ make\n{always}all is well\n").cause == broken.strip()


def test_a_significant_line_is_dropped_only_when_the_very_same_was_there() -> None:
    """One of its kind is not enough: another header is missing now."""
    good = "+ make\nprobe.c:1:1: fatal error: zlib.h: No such file or directory\nfine\n"
    bad = "+ make\nprobe.c:1:1: fatal error: lzma.h: No such file or directory\n"
    assert diagnose(bad, good).why.title == "The header lzma.h is missing"
    assert diagnose(good, good).cause == ""


def test_of_a_silent_failure_the_new_lines_are_shown() -> None:
    """When no line is conspicuous, what a successful run does not print is the best there is."""
    usual = "".join(f"step {n} of the usual\n" for n in range(1, 60))
    found = diagnose(f"{usual}a surprise\n{usual}", usual)
    assert [line.text for line in found.lines] == ["a surprise"]


def test_a_baseline_forgets_when_it_is_too_long() -> None:
    """An empty one knows nothing; one of a million lines is cut."""
    assert not Baseline()
    assert not Baseline().has("x", exactly=False)
    full = Baseline(
        f"line {'x' * (n % 50)} error: {chr(97 + n % 26) * (n % 300)}{n:x}g" for n in range(20_000)
    )
    assert full.has("line x error: b1g", exactly=False)


def test_the_same_failure_has_one_fingerprint() -> None:
    """Other times, numbers, versions and order of parallel jobs; another cause is another."""
    stamp = "2026-05-0{}T12:00:00Z "
    log = (
        f"{stamp}+ make -j8\n{stamp}src/a.c:{{}}:1: error: no 'x'\n"
        f"{stamp}lib/b.c:{{}}:1: error: no 'y'\n{stamp}make: *** [a] Error 1\n"
    )
    one, two = log.format(1, 1, 3, 1, 9, 1), log.format(2, 2, 4, 2, 11, 2)
    assert diagnose(one).fingerprint == diagnose(two).fingerprint != ""
    assert diagnose(one).fingerprint != diagnose(one.replace("no 'x'", "no 'z'")).fingerprint
    assert diagnose("all is well\n").fingerprint == ""


def test_templates_come_with_the_lines() -> None:
    """For finding similar failures: what was kept, masked, each once."""
    found = diagnose("+ make\na.c:1:2: error: no 'x'\na.c:3:4: error: no 'x'\n")
    assert found.templates == ("+ make", "a.c:#: error: no 'x'")


@pytest.mark.parametrize("char", ["x", "é", "漢", "0"])
def test_no_log_costs_more_than_its_tokens(char: str) -> None:
    """However wide the lines and letters are, all that is shown stays within the budget."""
    line = f"a.c:1:1: error: {char * 5000}"
    log = "".join(f"{line} w{n:x}{'yz' * n}\n" for n in range(60)) + "make: *** [a] Error 1\n"
    found = diagnose(log)
    assert 1 <= len(found.lines) <= KEEP
    assert cost(found) <= TOKENS
    assert all(len(each.text) <= WIDTH for each in found.lines)
    assert tokens(shown(1, "abc")) == 3


def test_a_long_line_is_cut_around_its_significant_part() -> None:
    """The significant part is seen, wherever in the line it is."""
    text = "x" * 700 + "No package 'foo' found" + "y" * 900
    found = diagnose(f"+ ./configure\n{text}\n")
    assert "No package 'foo' found" in found.cause
    assert len(found.cause) <= WIDTH
    assert shortened("a" * 1000, at=990).endswith("aaa")
    assert len(shortened("a" * 1000, at=990)) <= WIDTH
