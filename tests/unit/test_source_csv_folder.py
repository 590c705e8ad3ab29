"""The web folder: indexes of real servers, pages written by hand, catalogues in SCDL."""

from __future__ import annotations

import pytest

from harvesters.model import Config, Dataset, Page, Record, Request, Response
from harvesters.sources.csv_folder import SOURCE

FOLDER = "https://www.commune.example/open-data/"
APACHE = """<!DOCTYPE HTML><html><head><title>Index of /open-data</title></head><body>
<h1>Index of /open-data</h1><table>
<tr><th><a href="?C=N;O=D">Name</a></th><th><a href="?C=M;O=A">Last modified</a></th></tr>
<tr><td><a href="/">Parent Directory</a></td><td>&nbsp;</td></tr>
<tr><td><a href="arbres.csv">arbres.csv</a></td><td align="right">2026-01-05 10:12  </td>
<td align="right">1.2K</td></tr>
<tr><td><a href="sport/">sport/</a></td><td align="right">2026-02-01 08:00  </td></tr>
<tr><td><a href="logo.png">logo.png</a></td></tr></table></body></html>"""
NGINX = """<html><head><title>Index of /open-data/</title></head><body>
<h1>Index of /open-data/</h1><hr><pre><a href="../">../</a>
<a href="%C3%A9quipements%20sportifs.xlsx">équipements sportifs.xlsx</a>   05-Mar-2026 10:12   1234
</pre></body></html>"""
IIS = """<html><head><title>www.commune.example - /open-data/</title></head><body>
<H1>www.commune.example - /open-data/</H1><hr><pre><A HREF="/">[To Parent Directory]</A><br><br>
 1/5/2026 10:12 AM  1234 <A HREF="/open-data/parkings.csv">parkings.csv</A><br>
</pre></body></html>"""
BY_HAND = """<!doctype html><html><body><nav><a href="/open-data/a/">A</a> <a href="b/">B</a></nav>
<p><a href="https://autre.example/x.csv">ailleurs</a> <a href="2026/budget.ods">Budget</a>
<a href="../secret.csv">dehors</a> <a href="javascript:alert(1)">x</a></p></body></html>"""
HEADER = "ID;TITRE;DESCRIPTION;THEME;LICENCE;FREQ_MAJ;DATE_MAJ;MOTS_CLES;FORMAT_RESSOURCES;URL"


def read(body: str | bytes, url: str = FOLDER) -> Page:
    raw = body if isinstance(body, bytes) else body.encode()
    return SOURCE.read(Response(Request(url), url, 200, {}, raw), Config(url))


def dataset(record: Record, **settings: str) -> Dataset:
    found = SOURCE.to_dataset(record, Config(FOLDER, settings))
    assert isinstance(found, Dataset)
    return found


def test_an_apache_index_gives_its_files_with_their_day_and_its_folders() -> None:
    page = read(APACHE)
    [record] = page.records
    found = dataset(record)
    assert (found.remote_id, found.title, found.modified) == ("arbres.csv", "Arbres", "2026-01-05")
    assert [request.url for request in page.next_requests] == [FOLDER + "sport/"]


def test_an_nginx_index_gives_names_with_accents_and_their_day() -> None:
    [record] = read(NGINX).records
    found = dataset(record, publisher="Acigné")
    assert found.title == "Équipements sportifs – Acigné"
    assert found.modified == "2026-03-05"
    assert found.resources[0].format == "XLSX"


def test_an_iis_page_gives_its_files() -> None:
    assert [record.remote_id for record in read(IIS).records] == ["parkings.csv"]


def test_a_page_by_hand_gives_the_files_below_it_and_no_page_of_the_site() -> None:
    page = read(BY_HAND)
    assert [record.remote_id for record in page.records] == ["2026/budget.ods"]
    assert page.next_requests == ()


def test_a_folder_below_names_its_files_by_their_path() -> None:
    below = read(APACHE).next_requests[0]
    answer = Response(below, below.url, 200, {}, APACHE.replace("arbres", "judo").encode())
    [record] = SOURCE.read(answer, Config(FOLDER)).records
    assert record.remote_id == "sport/judo.csv"
    assert dataset(record).themes == ("sport-loisirs",)


def test_folders_are_followed_to_a_bounded_depth() -> None:
    requests = [Request(FOLDER, context={"depth": 0})]
    for _ in range(10):
        answer = Response(requests[-1], requests[-1].url, 200, {}, APACHE.encode())
        requests += SOURCE.read(answer, Config(FOLDER)).next_requests
        if requests[-1].url == answer.url:
            break
    assert len({request.url for request in requests}) == 4


def test_an_empty_index_is_an_empty_source_and_not_a_web_page() -> None:
    empty = "<html><title>Index of /x</title><a href='../'>../</a></html>"
    assert read(empty) == Page()


@pytest.mark.parametrize(
    "body",
    [APACHE[: APACHE.index("sport")], f"{HEADER}\na;T;;;;;;;;https://a.example/b.csv\nb;Coup"],
    ids=["index", "catalogue"],
)
def test_an_answer_cut_before_its_end_is_never_taken_for_whole(body: str) -> None:
    [issue] = read(body).issues
    assert issue.code == "TER-VAL-001"
    assert "avant sa fin" in issue.found


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "cp1252"])
def test_a_catalogue_is_read_in_the_encodings_of_town_halls(encoding: str) -> None:
    row = (
        "p1;Prénoms déclarés;Liste;Démographie;Licence Ouverte-LO;"
        "Mensuelle ou plusieurs fois par mois;14/01/2026;scdl,prénoms;csv;"
        "https://a.example/prenoms.csv"
    )
    page = read(f"{HEADER}\r\n{row}\r\n\r\n".encode(encoding))
    [record] = page.records
    found = dataset(record)
    assert page.declared_total == 1
    assert found.title == "Prénoms déclarés"
    assert (found.licence, found.frequency, found.modified) == ("lov2", "monthly", "2026-01-14")
    assert found.themes == ("demographie",)
    assert found.tags == ("scdl", "prénoms")
    assert [(r.url, r.format) for r in found.resources] == [
        ("https://a.example/prenoms.csv", "CSV")
    ]


def test_a_row_without_id_is_told_by_its_line_and_the_others_land() -> None:
    page = read(f"{HEADER}\n;Sans id;;;;;;;;\nb;Avec id;;;;;;;;https://a.example/b.csv\n")
    assert [record.remote_id for record in page.records] == ["b"]
    assert [(i.code, i.where) for i in page.issues] == [("TER-VAL-004", "ligne 2 du catalogue")]


def test_an_unknown_licence_keeps_its_words() -> None:
    [record] = read(f"{HEADER}\na;T;;;Spécifique ou autre;;;;;https://a.example/b.csv\n").records
    found = dataset(record)
    assert (found.licence, found.licence_label) == ("notspecified", "Spécifique ou autre")
    assert [issue.code for issue in found.issues] == ["TER-MAP-005"]


def test_any_other_csv_is_refused_with_what_is_expected() -> None:
    [issue] = read("a,b\n1,2\n").issues
    assert issue.code == "TER-VAL-001"
    assert "SCDL" in issue.found


def test_settings_give_the_licence_by_any_of_its_names_and_the_communes() -> None:
    [record] = read(APACHE).records
    found = dataset(record, licence="Licence Ouverte 2.0", communes="35001 35024")
    assert found.licence == "lov2"
    assert found.communes == ("35001", "35024")
