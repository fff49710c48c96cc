"""Real processes against real servers: users, rights, faults, fleets."""
