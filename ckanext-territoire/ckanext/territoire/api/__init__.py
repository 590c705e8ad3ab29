"""The API for programs: permanent addresses, one shape of error."""
