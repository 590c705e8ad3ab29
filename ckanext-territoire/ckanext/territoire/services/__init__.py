"""Merged tables as citizens read them: questions, places on a map, one row, figures."""
