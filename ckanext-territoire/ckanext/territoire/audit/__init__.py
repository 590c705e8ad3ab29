"""The journal: what each account has changed, when, on what; kept for a time that is set."""
