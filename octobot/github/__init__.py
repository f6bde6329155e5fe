"""The App's one road to GitHub: tokens, transport, deliveries, snapshots and writes."""
