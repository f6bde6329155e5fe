"""The bot, wired: settings, logs, database and clients; the server, the poller, the self-tests."""
