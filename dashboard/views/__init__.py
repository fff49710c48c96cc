"""The pages, one file each: load, frame, chart, place."""
