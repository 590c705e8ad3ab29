"""How far the data can be relied on, measured each day."""
