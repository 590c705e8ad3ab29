"""For those who build with the data: keys, quotas, who uses what, announced changes, sandbox."""
