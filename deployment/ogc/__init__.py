"""The process of features and tiles: its settings, and the relay from the public address."""
