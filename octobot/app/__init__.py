"""The bot, wired: settings, logs, database and roads; the server, the poller, the self-tests."""
