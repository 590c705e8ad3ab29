"""What people make of the data, ask of it, and are asked to make: reuses, questions, challenges."""
