"""Links for people without an account: to repair the bad rows of a feed, or to deposit a file."""
