"""What was decided of personal data: kept for good, read by the data protection officer."""
