"""What the reader of deliveries must not be lenient about, found by taking each strictness away."""

import pytest
from test_github_deliveries import NOW, signed

from octobot.github.deliveries import Malformed, receive


@pytest.mark.parametrize("guid", ["g-1\n", "g-1\r", "\ng-1", "g 1", "", "g" * 65])
def test_a_guid_is_matched_whole(guid: str) -> None:
    """A line end behind it would be another key for the same delivery."""
    with pytest.raises(Malformed, match="GUID"):
        receive(signed(b"{}", X_GitHub_Delivery=guid), b"{}", secrets=["s"], now=NOW)
