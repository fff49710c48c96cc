"""The command line: each command parses, calls one action, and prints."""

from offramp.cli.main import main

__all__ = ["main"]
