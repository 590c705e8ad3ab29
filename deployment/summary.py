"""What `make demo` says at its end: where the portal is, who may enter, what was harvested."""

from __future__ import annotations

from deployment.layout import Layout
from deployment.postgres import cluster

HARVESTED = """
    SELECT source.title, count(*) FROM territoire_source_record AS record
      JOIN harvest_source AS source ON source.id = record.source_id
     WHERE record.state = 'live' GROUP BY source.title ORDER BY 2 DESC, 1
"""


def tell(layout: Layout, seconds: float) -> None:
    """Print it."""
    print(f"\nLe portail est ouvert ({seconds:.0f} s) : {layout.site_url}")
    print(f"  Administration  {layout.site_url}/user/login")
    print(f"  Identifiant     admin\n  Mot de passe    {layout.secret()['admin']}")
    with cluster.cursor_of(layout, "ckan") as cursor:
        cursor.execute(HARVESTED)
        sources = cursor.fetchall()
    total = sum(count for _, count in sources)
    print(f"\n  Moissonné : {total} jeux de données de {len(sources)} sources")
    for title, count in sources:
        print(f"    {count:>4}  {title}")
    print("\n  Arrêter : make stop    État : make status    Vérifier : make doctor")
