"""Orders, for the pages of a shop."""
