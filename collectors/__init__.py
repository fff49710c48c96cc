"""The sources: each module reads one kind of source and hands over facts; nothing here decides or stores."""
