"""What guards the accounts: sign-in is slowed down, what is old is erased."""
