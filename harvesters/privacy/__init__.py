"""The privacy gate: personal data found in the rows of a table before anybody may read them."""
