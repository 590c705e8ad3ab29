"""From the words of a source to our vocabularies and our plain values."""
