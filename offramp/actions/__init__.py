"""The use-cases, one module each. The command line, HTTP, the scheduler and the pages all call these.

Each takes an engine and the instant it happens at; each is one transaction.
"""
