"""The index stays in few segments: each word of a question is looked up in all of them."""

from __future__ import annotations

import re
from typing import Any

import pytest
import requests


@pytest.mark.usefixtures("with_plugins")
def test_the_index_that_is_written_is_told_to_stay_in_few_segments(ckan_config: Any) -> None:
    told = requests.get(
        f"{ckan_config['solr_url']}/admin/segments",
        params={"coreInfo": "true", "wt": "json"},
        timeout=30,
    ).text
    policy = dict(re.findall(r"(segmentsPerTier|floorSegmentMB)=([\d.]+)", told))
    assert policy == {"segmentsPerTier": "4.0", "floorSegmentMB": "8.0"}
