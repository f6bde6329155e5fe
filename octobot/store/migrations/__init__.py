"""The schema: one file per migration, and beside it rows that were valid right after it."""
