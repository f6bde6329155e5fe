"""Which lines of a spec's text a node stands on."""

from octobot.specs.read.nodes import Map, Node, Seq


def content_end(text: str, node: Node) -> int:
    """Where a node's own text ends; the parser's end mark stands behind blanks and comments."""
    last: Node | None = None
    if isinstance(node, Map) and node.entries and text[node.start] != "{":
        last = next(reversed(node.entries.values()))
    elif isinstance(node, Seq) and node.items and text[node.start] != "[":
        last = node.items[-1]
    if last is not None:
        return content_end(text, last)
    return node.start + len(text[node.start : node.end].rstrip())


def lines_end(text: str, start: int, node: Node) -> int:
    """Give the offset behind the last line that a node's own text stands on."""
    return line_end(text, max(start, content_end(text, node) - 1))


def line_start(text: str, position: int) -> int:
    """Give the offset of the first character of a line."""
    return text.rfind("\n", 0, position) + 1


def line_end(text: str, position: int) -> int:
    """Give the offset behind a line's end."""
    found = text.find("\n", position)
    return len(text) if found < 0 else found + 1
