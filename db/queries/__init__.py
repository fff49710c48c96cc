"""The reads, one module per question. Every function takes a Session and gives frozen values."""
