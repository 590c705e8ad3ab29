"""Actions on the datasets that several sources carry: what the API, the screens and commands call.

Who looks after the data of the EPCI sees them; its administrators decide. What a dataset comes from
is public, as the dataset is.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from ckan.plugins import toolkit
from ckan.types import AuthResult, Context

from ckanext.territoire.harvest_adapter import merging, published, same_words
from ckanext.territoire.territory import officers
from harvesters.errors import Refused
from harvesters.same import ALWAYS, Proposal, proposals_of

Data = dict[str, Any]
PAGE = 20


@toolkit.side_effect_free
def territoire_same_list(context: Context, data_dict: Data) -> Data:
    """List what may be one dataset, what was made one, and what was told apart.

    `proposals` (at most 20 from `offset`, `proposal_count` in all): `datasets` side by side,
    `reasons`, `differences` by field, `winner` by the rule. `merged` (20 from `merged_offset`,
    `merged_count`): each dataset with its `origins`. `distinct`: pairs that were told apart.
    """
    toolkit.check_access("territoire_same_list", context, data_dict)
    judged = published.judged()
    found = published.proposals()
    first = int(data_dict.get("offset") or 0)
    ids, count = published.merged_ids(PAGE, int(data_dict.get("merged_offset") or 0))
    return {
        "proposals": [same_words.proposal(each) for each in found[first : first + PAGE]],
        "proposal_count": len(found),
        "merged": same_words.merged(ids),
        "merged_count": count,
        "distinct": [same_words.told_apart(row) for row in judged.values() if row["are_published"]],
    }


@toolkit.side_effect_free
def territoire_same_show(context: Context, data_dict: Data) -> Data:
    """Show the known origins of a dataset, the one that publishes it first."""
    name_or_id = toolkit.get_or_bust(data_dict, "id")
    shown = toolkit.get_action("package_show")(Context(**context), {"id": name_or_id})
    found = published.origins_of([shown["id"]]).get(shown["id"], [])
    return {
        "id": shown["id"],
        "name": shown["name"],
        "origins": [same_words.origin(each) for each in found],
    }


def territoire_same_merge(context: Context, data_dict: Data) -> Data:
    """Make one dataset of those of `ids`. `winner` keeps its address and publishes; without one the
    rule says which. `reason` is remembered."""
    toolkit.check_access("territoire_same_merge", context, data_dict)
    ids, winner = list(toolkit.get_or_bust(data_dict, "ids")), str(data_dict.get("winner") or "")
    done = _done(lambda: merging.merge(ids, winner, _by(context, data_dict)))
    return _shown(done)


def territoire_same_separate(context: Context, data_dict: Data) -> Data:
    """Give the record of `source` (name or id) in the dataset `id` its own dataset back, at its
    former address if it had one, else with its next run. `remote_id` tells two records apart."""
    toolkit.check_access("territoire_same_separate", context, data_dict)
    dataset_id, source = toolkit.get_or_bust(data_dict, ["id", "source"])
    remote_id = str(data_dict.get("remote_id") or "")
    by = _by(context, data_dict)
    return {"id": _done(lambda: merging.separate(dataset_id, source, by, remote_id))}


def territoire_same_choose(context: Context, data_dict: Data) -> Data:
    """Let `source` (name or id), a known origin of the dataset `id`, publish it over the rule."""
    toolkit.check_access("territoire_same_choose", context, data_dict)
    dataset_id, source = toolkit.get_or_bust(data_dict, ["id", "source"])
    _done(lambda: merging.choose(dataset_id, source, _by(context, data_dict)))
    return _shown(dataset_id)


def territoire_same_dismiss(context: Context, data_dict: Data) -> Data:
    """Remember that the datasets of `ids` are different: they are not proposed again as long as
    what makes them alike stays the same."""
    toolkit.check_access("territoire_same_dismiss", context, data_dict)
    ids = list(toolkit.get_or_bust(data_dict, "ids"))
    known = {each.dataset_id for each in published.read(ids)}
    likenesses = _likenesses(known)
    _done(lambda: merging.tell_apart(ids, likenesses, _by(context, data_dict)))
    return {"ids": ids}


def _likenesses(ids: set[str]) -> dict[tuple[str, str], str]:
    """Say why these look alike today, pair by pair."""
    found: list[Proposal] = proposals_of(published.likenesses(), {})
    pairs = {p: told for each in found for p, told in each.likenesses.items() if ids.issuperset(p)}
    return {pair: told for pair, told in pairs.items() if told != ALWAYS}


def _by(context: Context, data_dict: Data) -> merging.By:
    return merging.By(context.get("user") or "", str(data_dict.get("reason") or "").strip()[:1000])


def _done(act: Callable[[], Any]) -> Any:
    try:
        return act()
    except Refused as fault:
        raise toolkit.ValidationError({"same": [str(fault)]}) from fault


def _shown(name_or_id: str) -> Data:
    return territoire_same_show(Context(ignore_auth=True), {"id": name_or_id})


@toolkit.auth_disallow_anonymous_access
def _officer(context: Context, data_dict: Data) -> AuthResult:
    return {"success": officers.is_officer(context.get("user") or "")}


@toolkit.auth_disallow_anonymous_access
def _administrator(context: Context, data_dict: Data) -> AuthResult:
    return {"success": officers.may_act(context.get("user") or "")}


ACTIONS: dict[str, Callable[..., Any]] = {
    "territoire_same_list": territoire_same_list,
    "territoire_same_show": territoire_same_show,
    "territoire_same_merge": territoire_same_merge,
    "territoire_same_separate": territoire_same_separate,
    "territoire_same_choose": territoire_same_choose,
    "territoire_same_dismiss": territoire_same_dismiss,
}
AUTH: dict[str, Callable[..., Any]] = {
    "territoire_same_list": _officer,
    "territoire_same_merge": _administrator,
    "territoire_same_separate": _administrator,
    "territoire_same_choose": _administrator,
    "territoire_same_dismiss": _administrator,
}
