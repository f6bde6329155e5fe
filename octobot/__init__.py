"""octobot keeps a distro's melange specs current."""
