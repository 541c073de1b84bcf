"""How a snapshot gets into the application."""
