"""What the users of each client write: programs that run inside the clients' own environments."""
