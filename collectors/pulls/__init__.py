"""Pull collectors: one module per kind of source, all of one shape (`collectors.pulls.puller`)."""
