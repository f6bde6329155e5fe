"""The porch: the commands, and the wiring of edges into flows."""
