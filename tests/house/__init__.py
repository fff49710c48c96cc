"""The house rules as tests: limits, layers, packaging, names, documents."""
