"""Real clients against the running receiver, each in an environment of its own: python -m tests.clients."""
