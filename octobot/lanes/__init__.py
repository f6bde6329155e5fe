"""The keyed work queue: one serial lane per package, on one machine or many."""
