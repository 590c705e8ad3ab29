"""Changes told to the addresses of those who asked for them, signed as Standard Webhooks says.

`datasets` numbers the changes of the catalogue, `streams` reads what changed since a cursor,
`store` keeps who is told and what was sent, `deliver` sends, `timing` says when to try again,
`signature` signs, `challenge` asks an address whether it wants to be told, `worker` is the job
(ADR 15).
"""
