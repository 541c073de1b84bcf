"""The cluster: one connection, told-apart errors, watches that can be trusted."""
