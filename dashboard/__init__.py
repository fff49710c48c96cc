"""Shows what the judge said: pages that read, and one form that writes through an action."""
