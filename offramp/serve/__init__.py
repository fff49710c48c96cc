"""The serving processes: HTTP, the scheduler's tick, and how they are put together."""
