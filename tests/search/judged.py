"""Questions judged by us on datasets written by us: what search should answer, and how well.

`corpus.csv` has one dataset a line (id, owner, communes, theme, title, tags, notes, file, model);
`queries.csv` one question a line: its half (`tuned`: looked at while the words were chosen,
`held`: kept apart), the text, and the grades of the datasets, from 1 (of some use) to 3 (what
was asked for).
"""

from __future__ import annotations

import csv
import json
import math
import re
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any

import requests
import sqlalchemy as sa
from ckan import model
from ckan.common import config
from ckan.lib import search
from ckanext.harvest.model import HarvestJob

from ckanext.territoire import minute
from ckanext.territoire.catalogue import RunContext, apply_batch
from deployment.layout import layout, package_folder
from deployment.solr.schema import side_files
from harvesters.identity import draft_of
from harvesters.model import Dataset, Resource
from harvesters.plan import Action
from harvesters.ports import Write
from harvesters.run import dataset_id_of
from schemas.load import latest
from tests.ckan.conftest import act, empty_tables

HERE = Path(__file__).parent
DEPTH = 10
READ = 100  # more than ten, so that what nobody judged can be left out
NO_TAG = re.compile(r"[^\w .-]+")
COMMUNES = {
    "acigne": ("35001", "Acigné"),
    "betton": ("35024", "Betton"),
    "bruz": ("35047", "Bruz"),
    "cesson-sevigne": ("35051", "Cesson-Sévigné"),
    "le-rheu": ("35240", "Le Rheu"),
    "noyal-chatillon-sur-seiche": ("35206", "Noyal-Châtillon-sur-Seiche"),
    "pont-pean": ("35363", "Pont-Péan"),
    "rennes": ("35238", "Rennes"),
    "saint-gregoire": ("35278", "Saint-Grégoire"),
    "saint-jacques-de-la-lande": ("35281", "Saint-Jacques-de-la-Lande"),
    "thorigne-fouillard": ("35334", "Thorigné-Fouillard"),
    "vern-sur-seiche": ("35352", "Vern-sur-Seiche"),
}
Ask = Callable[[str], Sequence[str]]


@dataclass(frozen=True, slots=True)
class Judged:
    """A question, its half, and the grade of each dataset that is of use."""

    half: str
    text: str
    grades: Mapping[str, int]


def rows(name: str) -> list[dict[str, str]]:
    """Read one of the two files."""
    with (HERE / name).open(encoding="utf-8", newline="") as lines:
        return list(csv.DictReader(lines, delimiter=";"))


def questions() -> list[Judged]:
    """Read the judged questions."""
    return [
        Judged(row["half"], row["question"], _grades(row["grades"])) for row in rows("queries.csv")
    ]


def _grades(text: str) -> dict[str, int]:
    pairs = (part.split(":") for part in text.split())
    return {name: int(grade) for name, grade in pairs}


def fill(beside: Sequence[Dataset] = ()) -> None:
    """Write the communes, and the datasets by the bulk write of harvests; search has them then.

    `beside` are datasets that nobody judged: they crowd the index, and count for nothing.
    """
    empty_tables()
    search.clear_all()
    with model.meta.engine.begin() as connection:
        connection.execute(sa.text("DELETE FROM territoire_commune"))
        for insee, name in COMMUNES.values():
            connection.execute(
                sa.text("INSERT INTO territoire_commune (insee, name) VALUES (:insee, :name)"),
                {"insee": insee, "name": name},
            )
    minute.forget()
    owner = act("organization_create", name="metropole", title="Métropole")
    source = act("harvest_source_create", name="juges", title="Jugés", url="https://juges.example",
                 source_type="ckan_portal", owner_org=owner["id"])  # fmt: skip
    job = HarvestJob(source_id=source["id"])
    model.Session.add(job)
    model.Session.commit()
    run = RunContext(source["id"], "Jugés", job.id, owner["id"])
    judged = [to_dataset(row) for row in rows("corpus.csv")]
    apply_batch([_write(dataset, run) for dataset in (*judged, *beside)], run)
    search.commit()


def _write(dataset: Dataset, run: RunContext) -> Write:
    dataset_id = dataset_id_of(run.source_id, dataset.remote_id)
    draft = draft_of(dataset)
    return Write(Action.CREATE, dataset_id, dataset.remote_id, draft, dataset, None, "{}")


def to_dataset(row: Mapping[str, str]) -> Dataset:
    """Make a dataset of a line of the corpus."""
    url = f"https://donnees.example/{row['id']}.geojson"
    schema = latest(row["model"]).id if row["model"] else ""
    file = Resource(url, title=row["files"], format="GeoJSON", table_schema=schema)
    return Dataset(
        remote_id=row["id"],
        title=row["title"],
        description=row["notes"],
        licence="lov2",
        themes=(row["theme"],),
        tags=tuple(tag for tag in row["tags"].split(",") if tag),
        communes=tuple(COMMUNES[name][0] for name in row["communes"].split(",") if name),
        publisher=row["owner"].replace("-", " ").title(),
        upstream_uri=f"https://donnees.example/{row['id']}",
        resources=(file,),
    )


def real_datasets(file: Path) -> list[Dataset]:
    """Read the entries of a real catalogue in the RUDI format, but those titled as one of ours."""
    entries = json.loads(file.read_text(encoding="utf-8"))
    return [
        Dataset(
            remote_id=f"reel-{number}",
            title=entry["resource_title"],
            description=str((entry.get("synopsis") or [{}])[0].get("text") or ""),
            licence="lov2",
            tags=tuple(word for word in map(_tag, entry.get("keywords") or ()) if len(word) > 1),
            publisher=str((entry.get("producer") or {}).get("organization_name") or ""),
        )
        for number, entry in enumerate(entries)
        if entry["resource_title"] not in id_of()
    ]


def _tag(word: str) -> str:
    return " ".join(NO_TAG.sub(" ", word).split())[:90]


@cache
def id_of() -> dict[str, str]:
    """The id in the corpus of each title."""
    return {row["title"]: row["id"] for row in rows("corpus.csv")}


def ours(text: str) -> list[str]:
    """Ask the portal."""
    found = act("package_search", q=text, rows=READ, fq="+dataset_type:dataset")
    return _judged(found["results"])


def stock(text: str) -> list[str]:
    """Ask the stock schema as stock CKAN does, on the same datasets."""
    query = {"q": text, "rows": READ, "fq": "+dataset_type:dataset", "fl": "id title",
             "sort": "score desc, metadata_modified desc", "df": "text"}  # fmt: skip
    with _asking(f"{config['solr_url']}_stock"):
        found = search.query_for("package").run(query)
    return _judged(found["results"])


def _judged(found: Sequence[Mapping[str, Any]]) -> list[str]:
    """Keep the first ten of the datasets that were judged, in their order."""
    ids = (id_of().get(str(each["title"])) for each in found)
    return [each for each in ids if each][:DEPTH]


def fill_both(beside: Sequence[Dataset] = ()) -> None:
    """Write the same datasets with a stock core behind the portal, then with ours."""
    with _asking(create_stock_core()):
        fill(beside)
    fill(beside)


def create_stock_core(complete: Callable[[str], str] = str) -> str:
    """Make a core with CKAN's own schema and our solrconfig; answer its address."""
    drop_stock_core()
    ours, stock = _cores()
    home = layout().folder("solr") / "home"
    conf = home / stock / "conf"
    conf.mkdir(parents=True, exist_ok=True)
    file = package_folder("ckan") / "config" / "solr" / "schema.xml"
    schema = complete(file.read_text("utf-8"))
    (conf / "schema.xml").write_text(schema, encoding="utf-8")
    told = (home / ours / "conf" / "solrconfig.xml").read_text("utf-8")
    told = told.replace("territoire_spelling", "text").replace("words_spelt", "text")
    (conf / "solrconfig.xml").write_text(told, encoding="utf-8")
    for name in side_files(schema):
        (conf / name).touch()
    _admin(action="CREATE", name=stock, instanceDir=stock).raise_for_status()
    return f"{config['solr_url']}_stock"


def drop_stock_core() -> None:
    """Drop the core with its files; nothing when there is none."""
    _admin(action="UNLOAD", core=_cores()[1], deleteInstanceDir="true")


def _cores() -> tuple[str, str]:
    """The core of this portal, and the stock one beside it."""
    ours = str(config["solr_url"]).rsplit("/", 1)[1]
    return ours, f"{ours}_stock"


@contextmanager
def _asking(url: str) -> Iterator[None]:
    kept = config["solr_url"]
    config["solr_url"] = url
    try:
        yield
    finally:
        config["solr_url"] = kept


def _admin(**params: str) -> requests.Response:
    url = f"{config['solr_url'].rsplit('/', 1)[0]}/admin/cores"
    return requests.get(url, params=params, timeout=60)


def ndcg(found: Sequence[str], grades: Mapping[str, int]) -> float:
    """Normalised discounted cumulative gain of the first ten answers."""
    best = sorted(grades.values(), reverse=True)
    return _gain([grades.get(name, 0) for name in found]) / _gain(best)


def _gain(grades: Sequence[int]) -> float:
    return sum((2**grade - 1) / math.log2(rank + 2) for rank, grade in enumerate(grades[:DEPTH]))


def scores(ask: Ask) -> dict[str, float]:
    """The mean of each half, and of all."""
    by_half: dict[str, list[float]] = {"tuned": [], "held": []}
    for each in questions():
        by_half[each.half].append(ndcg(ask(each.text), each.grades))
    everything = [score for each in by_half.values() for score in each]
    return {name: sum(told) / len(told) for name, told in (*by_half.items(), ("all", everything))}


def analysed(word: str) -> str:
    """What the text chain of our core makes of one word."""
    params = {"analysis.fieldvalue": word, "analysis.fieldtype": "text", "wt": "json"}
    answer = requests.get(f"{config['solr_url']}/analysis/field", params=params, timeout=10)
    answer.raise_for_status()
    steps = answer.json()["analysis"]["field_types"]["text"]["index"]
    return str(steps[-1][0]["text"])
