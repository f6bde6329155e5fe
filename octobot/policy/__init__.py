"""May this pull request be merged?  One function per rule, and the repository's own file."""
