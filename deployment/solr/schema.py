"""Complete the Solr schema of the installed CKAN: French words, and shapes on the map.

The stock text chain stems English. Ours drops French elisions before words are cut at
apostrophes, folds accents, then stems lightly, so that « L’Écoles » and « ecole » meet.
ckanext-spatial's `solr-spatial-field` backend needs `spatial_geom`.
"""

from __future__ import annotations

import re

STEMMER = r'<filter class="solr.SnowballPorterFilterFactory" language="English"[^>]*/>\s*'
FOLDING = r'<filter class="solr.ASCIIFoldingFilterFactory"/>'
WHITESPACE = '<tokenizer class="solr.WhitespaceTokenizerFactory"/>'
ELISION = '<filter class="solr.ElisionFilterFactory" ignoreCase="true"/>'
FRENCH = (
    '<filter class="solr.ASCIIFoldingFilterFactory"/>'
    '<filter class="solr.FrenchLightStemFilterFactory"/>'
)
SHAPE_TYPE = """
    <fieldType name="territoire_shape" class="solr.SpatialRecursivePrefixTreeFieldType"
               spatialContextFactory="JTS" autoIndex="true" validationRule="repairBuffer0"
               distErrPct="0.025" maxDistErr="0.001" distanceUnits="kilometers"/>
</types>"""
SHAPE_FIELD = """
    <field name="spatial_geom" type="territoire_shape" indexed="true" stored="true"
           multiValued="true"/>
</fields>"""


class UnknownSchema(ValueError):
    """The schema of this CKAN is not the one we know how to complete."""


def add_french_and_maps(stock: str) -> tuple[str, list[str]]:
    """Complete a stock schema; answer it with the names of the (empty) files it refers to."""
    found = re.search(r'<fieldType name="text" .*?</fieldType>', stock, re.DOTALL)
    if not found or "</types>" not in stock or "</fields>" not in stock:
        raise UnknownSchema("the stock schema has no text type, types or fields")
    chain = found.group(0)
    french = re.sub(STEMMER, "", chain)
    french = re.sub(FOLDING, FRENCH, french)
    french = french.replace(WHITESPACE, WHITESPACE + ELISION)
    if french.count("FrenchLightStem") != 2:
        raise UnknownSchema("the stock text chain is not made as expected")
    schema = stock.replace(chain, french)
    schema = schema.replace("</types>", SHAPE_TYPE).replace("</fields>", SHAPE_FIELD)
    side_files = sorted(set(re.findall(r'"([a-z_]+\.txt)"', schema)))
    return schema, side_files
