"""The App's one session to GitHub: tokens, transport, deliveries, snapshots and writes."""
