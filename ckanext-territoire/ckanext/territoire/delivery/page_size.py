"""How many changes of a merged table one answer tells at most."""

MAX_CHANGES = 5_000
