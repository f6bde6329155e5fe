"""What `lint --fix` writes: the line that is meant, and not a byte more."""

import re
import tarfile
from collections import Counter
from pathlib import Path

import pytest

from octobot.specs.lint.fix import fix
from octobot.specs.lint.lint import lint
from octobot.specs.lint.rules import Rule

ARCHIVE = Path(__file__).parents[3] / "shared" / "data" / "wolfi-os-2026-08-22.tar.gz"
needs_distro = pytest.mark.skipif(not ARCHIVE.exists(), reason="the distro is not at hand")

SPEC = """\
# a comment with odd bytes:\t\u00e4\u00f6\u00fc and trailing blanks  \r
package:
  name: hello
  version: '1.2.3' # stays
  epoch: 7
pipeline:
  - uses: git-checkout
    with:
      repository: {repository} # of upstream
      tag: {tag}
      expected-commit: aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa
update:
  enabled: true
{block}"""
HTTPS = "https://github.com/example/hello"
TAG = "v${{package.version}}"
GITHUB = "  github:\n    identifier: example/hello # ours\n    strip-prefix: v\n"


def everything(_: Rule) -> bool:
    """Want every rule."""
    return True


def spec(block: str = GITHUB, *, repository: str = HTTPS, tag: str = TAG) -> str:
    """Write a spec."""
    return SPEC.format(repository=repository, tag=tag, block=block)


BARE = "  github:\n    identifier: example/hello # ours\n    use-tag: true # tags\n"

FIXED = [
    # the deprecated name, quoted or not, wherever it is
    (spec(f"{GITHUB}    tag-filter: v # old\n"), "tag-filter:", "tag-filter-prefix:"),
    (spec(f"{GITHUB}    'tag-filter': v\n"), "'tag-filter':", "'tag-filter-prefix':"),
    (spec("  git: {tag-filter: v, strip-prefix: v}\n"), "{tag-filter:", "{tag-filter-prefix:"),
    # addresses
    (spec(repository="http://github.com/example/hello"), "http:", "https:"),
    (spec(repository="'http://github.com/example/hello'"), "'http:", "'https:"),
    (spec(repository="git://github.com/example/hello"), "git://", "https://"),
    (
        spec(
            repository="${{vars.home}}",
            block=f"{GITHUB}vars:\n  home: http://github.com/example/hello\n",
        ),
        "home: http:",
        "home: https:",
    ),
    # an address for a name
    *(
        (
            spec(GITHUB.replace("example/hello", each)),
            f"identifier: {each}",
            f"identifier: {quote}example/hello{quote}",
        )
        for each, quote in (
            ("https://github.com/example/hello", ""),
            ("git@github.com:example/hello.git", ""),
            ('"https://github.com/example/hello/releases"', '"'),
            ("'example/hello.git'", "'"),
        )
    ),
    # the prefix that the spec's own tag has
    (spec(BARE), "# ours\n", "# ours\n    strip-prefix: v\n"),
    (spec(BARE.replace("\n", "\r\n")), "# ours\r\n", "# ours\r\n    strip-prefix: v\r\n"),
    (spec(BARE.partition("    use")[0].rstrip()), "# ours", "# ours\n    strip-prefix: v"),
    (spec(BARE, tag="a/v${{package.version}}"), "# ours\n", "# ours\n    strip-prefix: a/v\n"),
    (
        spec(BARE, tag="prettier-${{package.version}}"),
        "# ours\n",
        "# ours\n    strip-prefix: prettier-\n",
    ),
    (
        spec(BARE, tag="'@a/b@${{package.version}}'"),
        "# ours\n",
        "# ours\n    strip-prefix: '@a/b@'\n",
    ),
    (spec(BARE, tag="y${{package.version}}"), "# ours\n", "# ours\n    strip-prefix: 'y'\n"),
    (spec("  git: {}  # all\n"), "git: {}", "git: {strip-prefix: v}"),
    (spec("  git:  # all\n"), "git:", "git: {strip-prefix: v}"),
    (spec("  git: {tag-filter-prefix: v}\n"), "git: {", "git: {strip-prefix: v, "),
    (
        spec("  git:\n    # of v1\n    tag-filter-prefix: v1.\n"),
        "    tag-filter-prefix:",
        "    strip-prefix: v\n    tag-filter-prefix:",
    ),
]


@pytest.mark.parametrize(("text", "before", "after"), FIXED)
def test_only_the_fault_is_corrected(text: str, before: str, after: str) -> None:
    """Comments, quotes, line endings and every other byte stay; a second time nothing changes."""
    assert text.count(before) == 1
    new, made = fix("hello.yaml", text, everything)
    assert new == text.replace(before, after)
    (one,) = made
    assert fix("hello.yaml", new, everything) == (new, ())
    assert one.rule.fixable
    assert one.rule.name not in {finding.rule.name for finding in lint("hello.yaml", new)}


@pytest.mark.parametrize(
    "text",
    [
        spec(),
        "package: [\n",
        "\udcff",
        spec(f"{GITHUB}    tag-filter: w\n    tag-filter-prefix: v\n"),  # which one is meant?
        spec(repository="git://git.example.org/hello"),  # whether it serves https is not known
        spec(GITHUB.replace("example/hello", "https://gitlab.com/example/hello")),
        spec(GITHUB.replace("strip-prefix: v", "strip-prefix: release-")),  # a person's choice
        spec(BARE, tag="v1.2.3-final"),  # not tied to the version
        spec(BARE, tag="${{package.version}}-final"),  # a suffix
        spec(BARE, tag="v${{package.version}}-final"),  # the prefix alone would not help
        spec(BARE, tag='"its${{package.version}}"').replace("its", "it's"),  # needs escapes
        spec(f"{BARE}    ignore-regex-patterns: []\n"),  # unreadable for another reason
        # the var is used for more than the address
        spec(
            repository="${{vars.home}}",
            block=f"{GITHUB}  exclude-reason: ${{{{vars.home}}}}\nvars:\n  home: http://x.example/y\n",
        ),
    ],
)
def test_what_needs_judgement_is_left(text: str) -> None:
    """Nothing is written where more than one correction could be meant."""
    assert fix("hello.yaml", text, everything) == (text, ())


def test_several_faults_are_corrected_together_and_by_rule() -> None:
    """Each correction is printed with its line; rules that are not wanted stay."""
    text = spec(f"{BARE}    tag-filter: v\n", repository="http://github.com/example/hello")
    new, made = fix("hello.yaml", text, everything)
    assert [str(each) for each in made] == [
        "hello.yaml:17: fixed: deprecated-tag-filter: tag-filter is tag-filter-prefix.",
        "hello.yaml:9: fixed: insecure-source: https://github.com/example/hello.",
        "hello.yaml:15: fixed: own-tag-dropped: strip-prefix: v.",
    ]
    assert lint("hello.yaml", new) == ()
    only, made = fix("hello.yaml", text, lambda rule: rule.name == "insecure-source")
    assert only == text.replace("http:", "https:")
    assert len(made) == 1


@needs_distro
@pytest.mark.long
def test_a_real_distro_is_corrected_once() -> None:
    """Of 3,401 specs: only lines with a finding change, no finding is new, and it ends."""
    counted: Counter[str] = Counter()
    with tarfile.open(ARCHIVE) as archive:
        files = [each for each in archive if re.fullmatch(r"(?:\./)?[^./][^/]*\.yaml", each.name)]
        for member in files:
            file = archive.extractfile(member)
            path, text = member.name.removeprefix("./"), file.read().decode() if file else ""
            new, made = fix(path, text, everything)
            counted.update(each.rule.name for each in made)
            if made:
                assert fix(path, new, everything) == (new, ())
                names = [Counter(e.rule.name for e in lint(path, each)) for each in (text, new)]
                assert names[1] < names[0]
    assert counted == {"deprecated-tag-filter": 326, "own-tag-dropped": 13}
