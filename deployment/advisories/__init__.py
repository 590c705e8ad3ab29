"""What this copy is made of, and what is publicly known to be wrong with it.

`inventory` reads the pins and the jars, `sbom` writes them as CycloneDX, `osv` asks the base of
advisories or reads its answer from a file, `outcome` keeps and tells what was found.
"""
