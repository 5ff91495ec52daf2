"""The demonstration's keys and parties: derived from a printed seed, worth nothing, refused on every other chain.

`deploy_demo` and `found_market` are what `tidemark run` and the tests need: a deployed ledger, and a market on it.
"""

from collections.abc import Sequence
from typing import Final

from ledger_node.chain.engine import Engine
from ledger_node.chain.rpc import Node
from ledger_node.chain.signer import DEMO_CHAIN_ID, DemoSigner
from ledger_node.deployment.deploy import DeploymentParameters, DeploymentSigners, deploy
from ledger_node.deployment.deployment import Deployment
from ledger_node.deployment.founding import Founder, Founding, FoundingDevice, FoundingParty
from ledger_node.domain.contract_numbers import PartyKind, Role

PARTY_KINDS: Final = {
    "market": PartyKind.MARKET | PartyKind.ORACLE,
    "producer": PartyKind.PRODUCER,
    "carrier": PartyKind.CARRIER,
    "wholesaler": PartyKind.WHOLESALER,
    "lab": PartyKind.LAB,
    "regulator": PartyKind.REGULATOR,
    "bank": PartyKind.BANK,
    "auditor": PartyKind.AUDITOR,
    "certifier": PartyKind.CERTIFIER,
    "metrology": PartyKind.METROLOGY,
}
"""The demonstration's parties in the order of their numbers, with the bits of their kinds."""


def deployer(seed: str) -> DemoSigner:
    """The key that creates the contracts."""
    return DemoSigner(seed, "deployer")


def administrator(seed: str) -> DemoSigner:
    """The key that holds ADMIN and signs `deployment.json`."""
    return DemoSigner(seed, "administrator")


def operator(seed: str) -> DemoSigner:
    """The key that onboards parties, enrols and certifies devices, opens streams."""
    return DemoSigner(seed, "operator")


def second_registrar(seed: str) -> DemoSigner:
    """The regulator's wallet, which is the other registrar that replacing a lost key needs."""
    return party_wallet(seed, "regulator")


def party_wallet(seed: str, party: str) -> DemoSigner:
    """The wallet of a party, by its name in PARTY_KINDS."""
    return DemoSigner(seed, f"party/{party}")


def lane_names(count: int) -> list[str]:
    """The submitter's lanes, in the order by which streams are dealt to them."""
    return [f"lane-{number}" for number in range(count)]


def lane_signers(seed: str, count: int) -> dict[str, DemoSigner]:
    """The key of each lane: the pinner of the lane's streams."""
    return {name: DemoSigner(seed, name) for name in lane_names(count)}


def all_accounts(seed: str, lanes: int) -> list[bytes]:
    """Every address that sends transactions; they need funds where gas has a price."""
    signers = [deployer(seed), administrator(seed), operator(seed), *lane_signers(seed, lanes).values()]
    return [one.address for one in (*signers, *(party_wallet(seed, name) for name in PARTY_KINDS))]


def deploy_demo(node: Node, engine: Engine, seed: str) -> Deployment:
    """The ledger of the demonstration, with its roles. Raises DeploymentFailed."""
    by = operator(seed).address
    roles = [(role, by) for role in (Role.PARTY_ADMIN, Role.REGISTRAR, Role.METROLOGY, Role.STREAM_ADMIN)]
    roles.append((Role.REGISTRAR, second_registrar(seed).address))
    signers = DeploymentSigners(deployer(seed), administrator(seed))
    return deploy(node, engine, signers, DeploymentParameters(DEMO_CHAIN_ID, roles))


def found_market(
    node: Node,
    engine: Engine,
    deployment: Deployment,
    *,
    seed: str,
    devices: Sequence[FoundingDevice],
    lanes: int = 2,
    market: str = "zpk",
) -> dict[str, int]:
    """Registers the parties, opens the streams, enrols and certifies the devices; the parties' numbers by name.

    A device's owner is a name of PARTY_KINDS. Does only what is missing. Raises DeploymentFailed.
    """
    founding = Founding(
        market=market,
        parties=[FoundingParty(name, kinds, party_wallet(seed, name)) for name, kinds in PARTY_KINDS.items()],
        devices=devices,
        lanes=[signer.address for signer in lane_signers(seed, lanes).values()],
        verifier="metrology",
        settlement_bank="bank",
    )
    contracts = deployment.addresses()
    by = (administrator(seed), operator(seed))
    return Founder(node, engine, deployment.chain_id, contracts, *by).found(founding)
