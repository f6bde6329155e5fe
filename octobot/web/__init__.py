"""The web server: deliveries and health."""
