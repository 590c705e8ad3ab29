"""The only place where harvests write datasets: in bulk, one transaction a batch.

What is stored is what `package_create`, `package_update` and `package_delete` of CKAN 2.12 store,
row for row (`tests/ckan/test_catalogue.py` compares both on mixed data); see ADR 3.
"""

from __future__ import annotations

from ckanext.territoire.catalogue.write import RunContext, apply_batch, rehearse_batch

__all__ = ["RunContext", "apply_batch", "rehearse_batch"]
