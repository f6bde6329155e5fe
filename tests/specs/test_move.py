import pytest

from octobot.model.bump import Bumped
from octobot.model.reasons import Reason
from octobot.specs.bump.bump import move

SPEC = """\
package:
  name: a
  version: "1.2"
  epoch: 3 # rebuilt for a reason

environment:
  contents:
    packages:
      - busybox
      - 'go-1.26'   # the compiler
      - go-1.260
      - go-1.26-asm

pipeline:
  - uses: go/build
    with:
      go-package: go-1.26
      ldflags: -X main.go=go-1.26
  - needs: {packages: ["go-1.26"]}
    runs: go-1.26 version

subpackages:
  - name: a-cli
    pipeline:
      - pipeline:
          - uses: go/install
            with: {go-package: go-1.26}
    test:
      pipeline:
        - uses: go/build
          with:
            go-package: go-1.26

test:
  environment:
    contents:
      packages:
        - go-1.26
"""
NAMES = {"go-1.26": "go-1.27", "go-1.26-asm": "go-1.27-asm"}


def test_a_move_changes_the_names_that_build_and_the_epoch() -> None:
    """No other byte: longer names, flags, scripts and tests stay."""
    moved = move("a.yaml", SPEC, NAMES)
    assert isinstance(moved, Bumped)
    before, after = SPEC.splitlines(), moved.text.splitlines()
    changed = [(b, a) for b, a in zip(before, after, strict=True) if b != a]
    assert changed == [
        ("  epoch: 3 # rebuilt for a reason", "  epoch: 4 # rebuilt for a reason"),
        ("      - 'go-1.26'   # the compiler", "      - 'go-1.27'   # the compiler"),
        ("      - go-1.26-asm", "      - go-1.27-asm"),
        ("      go-package: go-1.26", "      go-package: go-1.27"),
        ('  - needs: {packages: ["go-1.26"]}', '  - needs: {packages: ["go-1.27"]}'),
        ("            with: {go-package: go-1.26}", "            with: {go-package: go-1.27}"),
    ]
    assert len(moved.changes) == len(changed)


@pytest.mark.parametrize(
    ("text", "said"),
    [
        (SPEC.replace("go-1.26", "go"), "go-1.26-asm is not written in it"),
        (SPEC.replace("  epoch: 3 # rebuilt for a reason\n", ""), "'' is not an epoch"),
        ("package: [", ""),
    ],
)
def test_a_spec_that_cannot_move_is_refused(text: str, said: str) -> None:
    """Raising the epoch alone would look like a move that was made."""
    refused = move("a.yaml", text, NAMES)
    assert isinstance(refused, Reason)
    assert said in refused.detail
