"""The warehouse collector held against engines whose drivers Offramp does not install."""
