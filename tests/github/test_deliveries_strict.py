"""What the reader of deliveries must not be lenient about, found by taking each strictness away."""

import pytest

from octobot.github.webhooks.deliveries import Malformed, receive
from tests.github.test_deliveries import NOW, signed


@pytest.mark.parametrize("guid", ["g-1\n", "g-1\r", "\ng-1", "g 1", "", "g" * 65])
def test_a_guid_is_matched_whole(guid: str) -> None:
    """A line end behind it would be another key for the same delivery."""
    with pytest.raises(Malformed, match="GUID"):
        receive(signed(b"{}", X_GitHub_Delivery=guid), b"{}", secrets=["s"], now=NOW)


@pytest.mark.parametrize(
    "body",
    [
        b'{"zen": "z", "x": NaN}',
        b'{"zen": "z", "x": -Infinity}',
        b'{"zen": "z", "x": ' + b"9" * 21 + b"}",
        b'{"zen": "z", "x": 0.' + b"9" * 40 + b"}",
        b'{"zen": "z", "zen": "z"}',
        b'\xef\xbb\xbf{"zen": "z"}',
        b'["zen"]',
    ],
    ids=["nan", "infinity", "digits", "fraction", "twice", "bom", "list"],
)
def test_a_body_that_is_fine_but_for_one_thing_is_refused(body: bytes) -> None:
    """Everything else about it is right, so that nothing else can be the reason."""
    with pytest.raises(Malformed, match="JSON"):
        receive(signed(body), body, secrets=["s"], now=NOW)


def test_the_longest_numbers_that_github_has_are_fine() -> None:
    """Its ids have up to nineteen digits."""
    body = b'{"zen": "z", "id": ' + b"9" * 20 + b', "share": 0.5}'
    assert receive(signed(body), body, secrets=["s"], now=NOW).event is not None
