"""The guarded HTTP client that drives datasources and hashes downloads."""
