"""Contracts that joined the ledger, and who holds which role, from the events of `access`."""

from collections.abc import Mapping

from ledger_node.bindings.ledger_access import ContractListed, RoleGranted, RoleRevoked
from ledger_node.indexer.blocks import Place
from ledger_node.indexer.projections.handler import Handler
from ledger_node.indexer.rows import Rows, sql_integer
from ledger_node.store.projections import ListedContract, RoleMember


def noun_of(event: ContractListed) -> str:
    """The noun as text: bytes32 padded with zeros at the end."""
    return event.noun.rstrip(b"\0").decode("utf-8", "replace")


def _listed(rows: Rows, event: ContractListed, place: Place) -> None:
    rows.put(
        ListedContract,
        address=event.listed,
        noun=noun_of(event),
        code_hash=event.code_hash,
        block_number=place.block_number,
        log_index=place.log_index,
    )


def _granted(rows: Rows, event: RoleGranted, place: Place) -> None:
    role = sql_integer(event.role_id)
    known = rows.get(RoleMember, role=role, account=event.account)
    # Granting again changes the delay only; the membership is as old as it was.
    since = event.since if event.new_member or known is None else known["since_at"]
    rows.put(RoleMember, role=role, account=event.account, since_at=sql_integer(since), delay_seconds=event.delay)


def _revoked(rows: Rows, event: RoleRevoked, place: Place) -> None:
    rows.remove(RoleMember, role=sql_integer(event.role_id), account=event.account)


HANDLERS: Mapping[type, Handler] = {ContractListed: _listed, RoleGranted: _granted, RoleRevoked: _revoked}
