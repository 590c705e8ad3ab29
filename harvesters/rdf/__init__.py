"""Read a catalogue in RDF: bytes to a graph, and a graph to one tree a dataset."""
