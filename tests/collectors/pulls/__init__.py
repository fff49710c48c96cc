"""Pull collectors against servers that answer as the real ones do."""
