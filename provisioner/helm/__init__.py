"""Helm, through pyhelm3 with our own process handling."""
