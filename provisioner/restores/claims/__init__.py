"""Which claims a restore goes into, what they ask of the storage, and whether they have room."""
