"""The demo company: twelve features of a made-up retailer, written as files and loaded through the real collectors."""
