"""Keeps the facts: the only SQL and the only commit."""
