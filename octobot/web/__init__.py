"""The HTTP doors: deliveries and health."""
