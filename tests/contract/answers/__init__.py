"""Small answers written by us, one module a kind: real field names, invented values."""
