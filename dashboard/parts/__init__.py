"""The larger drawn parts of a page; each takes values that were loaded already."""
