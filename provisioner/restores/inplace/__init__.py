"""Strategy ``inplace``: claims that only an installed application makes."""
