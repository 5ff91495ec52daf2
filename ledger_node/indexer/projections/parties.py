"""Parties, their wallets, aliases, credentials and standing consents. Times are seconds."""

from collections.abc import Mapping

from ledger_node.bindings.party_registry import (
    AliasBound,
    CredentialRevoked,
    CredentialSet,
    PartyMerged,
    PartyRegistered,
    PartyStatusSet,
    PartyVerificationSet,
    StandingConsentSet,
    WalletEnrolled,
    WalletRetired,
)
from ledger_node.indexer.blocks import Place
from ledger_node.indexer.projections.handler import Handler
from ledger_node.indexer.rows import Rows, sql_integer
from ledger_node.store.projections import Credential, Party, PartyAlias, StandingConsent, Wallet

_ACTIVE, _CLOSED = 1, 3


def _registered(rows: Rows, event: PartyRegistered, place: Place) -> None:
    rows.put(
        Party,
        number=event.party,
        kinds=event.kinds,
        jurisdiction=f"{event.jurisdiction:03d}",
        status=_ACTIVE,
        merged_into=0,
        verified_until=0,
        block_number=place.block_number,
    )


def _verified(rows: Rows, event: PartyVerificationSet, place: Place) -> None:
    rows.change(Party, {"number": event.party}, verified_until=event.verified_until)


def _status(rows: Rows, event: PartyStatusSet, place: Place) -> None:
    rows.change(Party, {"number": event.party}, status=event.status)


def _merged(rows: Rows, event: PartyMerged, place: Place) -> None:
    rows.change(Party, {"number": event.from_}, merged_into=event.into, status=_CLOSED)


def _alias(rows: Rows, event: AliasBound, place: Place) -> None:
    rows.put(PartyAlias, alias_key=event.alias_key, party=event.party)


def _wallet(rows: Rows, event: WalletEnrolled, place: Place) -> None:
    rows.put(
        Wallet,
        address=event.wallet,
        party=event.party,
        powers=event.powers,
        enrolled_at=place.block_time,
        not_after=sql_integer(event.not_after),
        retired_from=0,
    )


def _wallet_retired(rows: Rows, event: WalletRetired, place: Place) -> None:
    rows.change(Wallet, {"address": event.wallet}, retired_from=event.from_)


def _credential(rows: Rows, event: CredentialSet, place: Place) -> None:
    rows.put(
        Credential,
        party=event.party,
        kind=event.kind,
        issuer=event.issuer,
        hash=event.hash,
        from_at=event.from_,
        until_at=event.until,
        revoked_at=0,
    )


def _credential_revoked(rows: Rows, event: CredentialRevoked, place: Place) -> None:
    rows.change(Credential, {"party": event.party, "kind": event.kind}, revoked_at=place.block_time)


def _consent(rows: Rows, event: StandingConsentSet, place: Place) -> None:
    rows.put(StandingConsent, recipient=event.to, giver=event.from_, is_on=event.on)


HANDLERS: Mapping[type, Handler] = {
    PartyRegistered: _registered,
    PartyVerificationSet: _verified,
    PartyStatusSet: _status,
    PartyMerged: _merged,
    AliasBound: _alias,
    WalletEnrolled: _wallet,
    WalletRetired: _wallet_retired,
    CredentialSet: _credential,
    CredentialRevoked: _credential_revoked,
    StandingConsentSet: _consent,
}
