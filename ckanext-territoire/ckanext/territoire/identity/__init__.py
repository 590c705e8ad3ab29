"""The look of the EPCI: its name, its words, its logo, its colours and whom to ask."""
