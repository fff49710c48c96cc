"""Offramp: knows, for each LLM feature, when to leave its present strategy, for which one, and why."""

__version__ = "0.1.0"
