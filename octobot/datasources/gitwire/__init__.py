"""Git's wire protocol as pure functions: bytes to send, and bytes received read into values."""
