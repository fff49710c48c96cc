"""The layouts of other people's files: one module each, all of one shape, each into the rows of docs/collect.md."""
