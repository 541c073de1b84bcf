"""``standard``: what an expert would ask of a restored engine, in its own container."""
