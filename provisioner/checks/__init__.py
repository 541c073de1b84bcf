"""Questions to the restored application, and what its answers mean."""
