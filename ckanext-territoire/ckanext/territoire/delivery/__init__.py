"""Deliveries: files checked against a schema, into the merged table of the territory."""
