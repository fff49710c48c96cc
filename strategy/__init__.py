"""The rules: pure functions on values that say when a feature should move, to what, and why."""
