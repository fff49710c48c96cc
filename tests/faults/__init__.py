"""Programs that break things on purpose: python -m tests.faults.receivers."""
