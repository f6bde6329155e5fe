"""What is known of failing builds: one small entry for each kind of telling line."""
