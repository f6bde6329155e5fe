"""A failed check's log, cut to the lines that say why."""
