"""Charts of the rows of a table: which one suits, what it counts, how it is drawn."""
