"""The writes, one module per noun. Every function takes a Session and leaves the commit to the action."""
