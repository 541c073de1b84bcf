"""The kinds of questions that can be put to a restored application."""
