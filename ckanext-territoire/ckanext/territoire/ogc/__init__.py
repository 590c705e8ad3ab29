"""OGC API – Features and vector tiles of the merged tables: a process of its own (ADR 13).

It imports no CKAN, holds no secret but the password of a role that reads the schema `published`,
and listens on loopback. The portal relays `/ogc` to it (`deployment/ckan/relay.py`), and counts.
"""
