"""The French words of the kinds of notices. Pure."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from ckanext.territoire.notices.model import Kind


@dataclass(frozen=True, slots=True)
class Words:
    """How a kind is named: as the title of its part in a mail, in a subject (`one` is said after a
    title, `many` after a number), and where a person chooses what to hear."""

    heading: str
    one: str
    many: str
    choice: str


WORDS: Mapping[Kind, Words] = {
    Kind.HELD: Words(
        "Moissons retenues",
        "une moisson attend une décision",
        "moissons attendent une décision",
        "Une moisson est retenue et attend une décision",
    ),
    Kind.DECISION: Words(
        "Décisions à prendre",
        "une décision est à prendre",
        "décisions sont à prendre",
        "Un dépôt ou une correction attend une décision",
    ),
    Kind.FLAG: Words(
        "Erreurs signalées par des lecteurs",
        "des lecteurs signalent une erreur",
        "organisations ont des erreurs signalées",
        "Un lecteur signale une erreur dans une ligne publiée",
    ),
    Kind.CONTRIBUTION: Words(
        "Réutilisations, questions et défis à lire",
        "des habitants vous écrivent",
        "organisations ont des contributions à lire",
        "Un habitant montre une réutilisation, pose une question ou relève un défi",
    ),
    Kind.FAILING: Words(
        "Sources qui ne peuvent plus être lues",
        "la source ne peut plus être lue",
        "sources ne peuvent plus être lues",
        "Une source ne peut plus être lue, ou le peut de nouveau",
    ),
    Kind.EMPTY: Words(
        "Sources qui répondent et ne contiennent rien",
        "la source répond mais ne contient rien",
        "sources répondent mais ne contiennent rien",
        "Une source répond mais ne contient rien",
    ),
    Kind.LATE: Words(
        "Moissons en retard",
        "la moisson est en retard",
        "moissons sont en retard",
        "Une moisson prévue n’a pas eu lieu",
    ),
    Kind.PARTIAL: Words(
        "Sources lues en partie",
        "la source n’est lue qu’en partie",
        "sources ne sont lues qu’en partie",
        "Une source n’est lue qu’en partie",
    ),
    Kind.REVIEW: Words(
        "À relire avant publication",
        "des jeux de données sont à relire",
        "sources ont des jeux de données à relire",
        "Des jeux de données moissonnés attendent d’être relus",
    ),
    Kind.ASIDE: Words(
        "Lignes mises de côté",
        "des lignes sont mises de côté",
        "tableaux ont des lignes mises de côté",
        "Des lignes d’un tableau moissonné sont mises de côté",
    ),
    Kind.RETIRED: Words(
        "Jeux de données retirés",
        "des jeux de données sont retirés",
        "moissons ont retiré des jeux de données",
        "Des jeux de données absents de leur source sont retirés",
    ),
    Kind.SILENT: Words(
        "Sources sans changement depuis longtemps",
        "la source ne change plus",
        "sources ne changent plus",
        "Une source ne donne rien de nouveau depuis six mois",
    ),
}
AGAIN = Words("De nouveau en ordre", "tout est rentré dans l’ordre", "sources vont bien", "")
CHOICES: Mapping[str, str] = {kind.value: words.choice for kind, words in WORDS.items()}
