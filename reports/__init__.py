"""Tells what changed in a week: a letter as one value, rendered as text, Markdown, HTML and JSON."""
