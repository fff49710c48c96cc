"""The demo company: fourteen features of a made-up retailer, written as files, loaded through the real collectors."""
