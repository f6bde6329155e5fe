"""The command line: one file per command, its declaration and what it does."""
