"""The only part that knows ckanext-harvest: its sources, jobs, objects and errors are ours.

`kinds` shows our source kinds to it, `sources` reads and writes its sources,
`jobs` its jobs (PostgreSQL is the queue), `store` publishes for one source,
`runner` runs a job, `chained` puts our runner behind its actions.
"""
