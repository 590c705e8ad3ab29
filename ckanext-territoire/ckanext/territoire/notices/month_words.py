"""The French words of a monthly letter: what happened, what there is to do. Pure."""

from __future__ import annotations

from collections.abc import Callable, Mapping

from ckanext.territoire.notices.month_model import Event, Happened, Need, Task, Usage
from ckanext.territoire.portal.typography import count, day

Words = tuple[str, str]  # a name, and what is said of it
WAYS = {
    "harvest": "par moisson",
    "deposit": "par dépôt",
    "invitation": "par dépôt",
    "repair": "après correction",
    "mandate": "par l’intercommunalité, sur mandat",
    "undo": "après un retour en arrière",
}
# what revives most: how many communes have it to do
NEEDS: Mapping[Need, str] = {
    Need.DECIDE: "une décision attend",
    Need.DUTY: "un tableau que la loi demande manque",
    Need.REPAIR: "des lignes ou un fichier sont à corriger",
    Need.SOURCE: "une source va mal",
    Need.STALE: "des données ont dépassé leur rythme",
    Need.LICENCE: "des jeux de données sont sans licence",
    Need.INVITE: "un tableau attendu manque",
}


def say_happened(each: Happened) -> Words:
    """Say what happened."""
    return HAPPENED[each.event](each)


def say_task(each: Task) -> Words:
    """Say what to do, as an order that can be followed, and why."""
    return TASKS[each.need](each)


def say_usage(usage: Usage) -> str:
    """Say how often data was used, in a sentence."""
    if not (usage.views or usage.downloads or usage.calls):
        return f"Personne ne les a ouvertes{_since(usage)}."
    parts = [
        count(usage.views, "consultation"),
        count(usage.downloads, "téléchargement"),
        count(usage.calls, "appel à l’API", "appels à l’API"),
    ]
    return f"{parts[0]}, {parts[1]} et {parts[2]}{_since(usage)}."


def _since(usage: Usage) -> str:
    return f" depuis le {day(usage.since)}, premier jour compté" if usage.since else " ce mois-ci"


def _datasets(number: int, one: str, many: str) -> str:
    return count(number, f"jeu de données {one}", f"jeux de données {many}")


def _new(each: Happened) -> Words:
    name = count(each.count, "nouveau jeu de données", "nouveaux jeux de données")
    way = "par moisson" if each.way == "harvest" else "par dépôt ou par le formulaire"
    return f"{name}, {way}", ""


def _updated(each: Happened) -> Words:
    return f"{_datasets(each.count, 'mis à jour', 'mis à jour')}, par moisson", ""


def _rows(each: Happened) -> Words:
    told = count(each.count, "ligne en ligne", "lignes en ligne")
    way = WAYS.get(each.way, "")
    return each.title, f"{told}, {way}" if way else told


def _bad(each: Happened) -> Words:
    waiting = count(each.count, "ligne attend", "lignes attendent")
    return each.title, f"{waiting} une correction"


def _held(each: Happened) -> Words:
    if each.way == "run":
        return each.title, "la moisson est retenue : rien n’a été modifié"
    return each.title, "un dépôt est retenu et attend une décision"


def _skipped(each: Happened) -> Words:
    told = count(each.count, "fiche a été refusée", "fiches ont été refusées")
    return each.title, f"{told} à la dernière lecture"


HAPPENED: Mapping[Event, Callable[[Happened], Words]] = {
    Event.NEW: _new,
    Event.UPDATED: _updated,
    Event.ROWS: _rows,
    Event.RETIRED: lambda each: (
        _datasets(each.count, "retiré", "retirés"),
        "leur source ne les donne plus",
    ),
    Event.BAD: _bad,
    Event.HELD: _held,
    Event.UNREAD: lambda each: (each.title, "un fichier n’a pas pu être lu"),
    Event.REFUSED: lambda each: (each.title, "un dépôt a été refusé"),
    Event.SKIPPED: _skipped,
}


def _decide(each: Task) -> Words:
    match each.detail:
        case "held":
            return f"Décider de la moisson « {each.title} »", "elle est retenue, rien ne change."
        case "review":
            name = f"Relire {_datasets(each.count, 'de', 'de')} « {each.title} »"
            return name, "rien n’est publié sans vous."
        case "flag":
            flags = count(each.count, "signalement de lecteur", "signalements de lecteurs")
            return f"Répondre à {flags}", "votre réponse sera publique."
        case "contribution":
            sent = count(each.count, "contribution d’habitant", "contributions d’habitants")
            return f"Lire {sent}", "rien n’en est montré avant votre lecture."
        case "decision":
            fields = count(each.count, "champ corrigé", "champs corrigés")
            return f"Confirmer {fields} de « {each.title} »", "la source dit autre chose."
        case _:
            return f"Décider du dépôt « {each.title} »", "il est retenu, rien n’est publié."


def _duty(each: Task) -> Words:
    if each.detail == "unread":
        return _again(each.title), "le dernier n’a pas pu être lu, et la loi demande ce tableau."
    return f"Publier « {each.title} »", "la loi le demande."


def _repair(each: Task) -> Words:
    if each.detail == "unread":
        return _again(each.title), "le dernier n’a pas pu être lu."
    lines = f"{count(each.count, 'ligne')} de « {each.title} »"
    if each.detail == "harvest":
        return f"Faire corriger {lines}", "à la source : la moisson suivante les reprendra."
    return f"Corriger {lines}", "rien n’est perdu, mais ce n’est pas encore en ligne."


def _source(each: Task) -> Words:
    since = f" depuis le {day(each.since)}" if each.since else ""
    why = {
        "failing": f"elle ne peut plus être lue{since}.",
        "empty": "elle répond, mais ne contient plus rien.",
        "partial": "elle n’est lue qu’en partie.",
        "late": "sa moisson est en retard.",
    }
    return f"Regarder la source « {each.title} »", why.get(each.detail, "")


def _stale(each: Task) -> Words:
    since = day(each.since)
    if each.detail == "silent":
        return f"Regarder la source « {each.title} »", f"rien n’y a changé depuis le {since}."
    where = "à la source " if each.detail == "harvest" else ""
    told = f"publié le {since} : plus ancien que son rythme." if since else "plus ancien que prévu."
    return f"Mettre à jour {where}« {each.title} »", told


def _licence(each: Task) -> Words:
    datasets = count(each.count, "jeu de données", "jeux de données")
    return f"Choisir une licence pour {datasets}", "sans elle, personne ne peut les réutiliser."


def _again(title: str) -> str:
    return f"Envoyer un autre fichier pour « {title} »"


TASKS: Mapping[Need, Callable[[Task], Words]] = {
    Need.DECIDE: _decide,
    Need.DUTY: _duty,
    Need.REPAIR: _repair,
    Need.SOURCE: _source,
    Need.STALE: _stale,
    Need.LICENCE: _licence,
    Need.INVITE: lambda each: (f"Publier « {each.title} »", "attendu de toutes les communes."),
}
