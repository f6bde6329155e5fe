"""PostgreSQL, embedded when no URL is set: migrations and query functions per noun."""
