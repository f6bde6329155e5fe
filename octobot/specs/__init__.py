"""melange text to `Package` and back: versions, selection of the newest, and the bump itself."""
