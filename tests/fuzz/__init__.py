"""Hostile bodies by the hundred thousand: python -m tests.fuzz.bodies."""
