"""Inputs that tests read, and the programs that make them."""
