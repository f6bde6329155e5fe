"""Tables on a terminal."""

from octobot.messages.terminal import columns

ROWS = [("package", "reason"), ("hello-world", "nothing newer"), ("x" * 30, "")]


def lines(rows: list[tuple[str, str]], width: int | None = None) -> list[str]:
    """Return the lines of a table."""
    return [line for _, line in columns(rows, width)]


def test_columns_are_as_wide_as_their_widest_cell() -> None:
    """Without a width nothing is folded: each row is one line."""
    assert lines(ROWS) == [
        "package                         reason",
        "hello-world                     nothing newer",
        "x" * 30,
    ]


def test_a_narrow_terminal_folds_and_loses_nothing() -> None:
    """The widest column gives way first; each line says which row it is of."""
    assert list(columns(ROWS, 36)) == [
        (0, "package                reason"),
        (1, "hello-world            nothing newer"),
        (2, "x" * 21),
        (2, "x" * 9),
    ]


def test_a_terminal_narrower_than_any_table_does_no_harm() -> None:
    """Columns keep a few characters, and the terminal wraps the lines by itself."""
    assert "".join(lines(ROWS, 1)).count("x") == 30
