"""What came back against the snapshot's own listing."""
