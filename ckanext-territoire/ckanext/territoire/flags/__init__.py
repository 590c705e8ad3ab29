"""What readers say is wrong in a row of a merged table, and what its commune answers in public."""
