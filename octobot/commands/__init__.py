"""One file per slash command, their small grammar, and the one way by which they are obeyed."""
