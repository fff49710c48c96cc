"""Tests of offramp."""
