"""Deploys the ledger's contracts and registers its EAS schemas; started again, it goes on where it stopped.

The deployer's key does nothing else, so a contract's address follows from its place in the order, and contracts can
name each other as immutables before they exist. The same key signs the same bytes again: what a chain has already
taken is found by its hash.
"""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Final

from eth_utils.address import to_canonical_address

from ledger_node.bindings import (
    attestation_resolver,
    device_registry,
    eas,
    ledger_access,
    lot_ledger,
    party_registry,
    pin_registry,
    schema_registry,
)
from ledger_node.bindings.artifact import load_artifact
from ledger_node.chain.answers import Receipt
from ledger_node.chain.engine import Engine
from ledger_node.chain.rpc import Node
from ledger_node.chain.signer import SignedTransaction, Signer, sign_checked
from ledger_node.deployment.deployment import NOUNS, DeployedContract, Deployment
from ledger_node.deployment.transact import Step, await_receipts, send, transact, transaction_of
from ledger_node.domain.digest import keccak256
from ledger_node.errors import DeploymentFailed

CREATION_GAS: Final = 8_000_000
_REGISTRATION_GAS: Final = 600_000
_CONTRACT_NAMES: Final[Mapping[str, str]] = {
    "access": "LedgerAccess",
    "party": "PartyRegistry",
    "device": "DeviceRegistry",
    "trace": "PinRegistry",
    "lot": "LotLedger",
    "schema": "SchemaRegistry",
    "eas": "EAS",
    "attestation": "AttestationResolver",
}


@dataclass(frozen=True, slots=True)
class DeploymentSigners:
    """`deployer` creates the contracts and does nothing else, ever; `admin` holds ADMIN and signs `deployment.json`."""

    deployer: Signer
    admin: Signer


@dataclass(frozen=True, slots=True)
class DeploymentParameters:
    """`roles`: (role number, account) pairs that hold from the start."""

    chain_id: int
    roles: Sequence[tuple[int, bytes]] = ()


def deploy(node: Node, engine: Engine, signers: DeploymentSigners, parameters: DeploymentParameters) -> Deployment:
    """Does what is missing; the signed deployment. Raises DeploymentFailed."""
    addresses = contract_addresses(signers.deployer.address)
    arguments = _constructor_arguments(addresses, signers.admin.address)
    steps = [_creation(noun, arguments[noun]) for noun in NOUNS]
    receipts = _create(node, engine, signers.deployer, parameters.chain_id, steps)
    contracts = tuple(
        _deployed(node, noun, addresses[noun], arguments[noun], receipt)
        for noun, receipt in zip(NOUNS, receipts, strict=True)
    )
    _grant(node, engine, signers.admin, parameters, addresses["access"])
    return Deployment(
        chain_id=parameters.chain_id,
        genesis_hash=node.genesis_hash(),
        engine=engine.name,
        contracts=contracts,
        schemas=_register_schemas(node, engine, signers.admin, parameters.chain_id, addresses),
        settings=load_artifact("DeviceRegistry").settings,
    ).signed(signers.admin)


def contract_addresses(deployer: bytes) -> dict[str, bytes]:
    """Where each contract will be, by noun: keccak256 of the RLP of deployer and nonce, its last 20 bytes."""
    return {noun: created_address(deployer, nonce) for nonce, noun in enumerate(NOUNS)}


def created_address(creator: bytes, nonce: int) -> bytes:
    """The address of the contract that `creator` creates with `nonce` (below 128)."""
    if not 0 <= nonce < 128:
        raise ValueError(f"nonce {nonce}")
    encoded = b"\x94" + to_canonical_address(creator) + bytes([nonce or 0x80])
    return keccak256(bytes([0xC0 + len(encoded)]) + encoded)[12:]


def _constructor_arguments(at: Mapping[str, bytes], admin: bytes) -> dict[str, bytes]:
    makers: dict[str, Callable[[], bytes]] = {
        "access": lambda: ledger_access.encode_constructor(admin),
        "party": lambda: party_registry.encode_constructor(at["access"]),
        "device": lambda: device_registry.encode_constructor(at["access"], at["party"]),
        "trace": lambda: pin_registry.encode_constructor(at["access"], at["party"]),
        "lot": lambda: lot_ledger.encode_constructor(at["party"], at["attestation"]),
        "schema": schema_registry.encode_constructor,
        "eas": lambda: eas.encode_constructor(at["schema"]),
        "attestation": lambda: attestation_resolver.encode_constructor(at["eas"], at["party"], at["lot"]),
    }
    return {noun: make() for noun, make in makers.items()}


def _creation(noun: str, arguments: bytes) -> Step:
    return Step(f"create {noun}", None, load_artifact(_CONTRACT_NAMES[noun]).bytecode + arguments, CREATION_GAS)


def _create(node: Node, engine: Engine, deployer: Signer, chain_id: int, steps: Sequence[Step]) -> list[Receipt]:
    signed = [sign_checked(deployer, transaction_of(engine, chain_id, nonce, step)) for nonce, step in enumerate(steps)]
    done = node.receipts_by_hash([one.hash for one in signed])
    missing = [index for index, receipt in enumerate(done) if receipt is None]
    if missing:
        _require_unused(node, deployer, missing[0], steps)
        _send_missing(node, [steps[index] for index in missing], [signed[index] for index in missing])
    return await_receipts(node, deployer, steps, signed)


def _require_unused(node: Node, deployer: Signer, first: int, steps: Sequence[Step]) -> None:
    used = node.nonce(deployer.address, "latest")
    if used > first:
        raise DeploymentFailed(
            steps[first].name,
            f"the deployer's key was used elsewhere: it has sent {used} transactions, {first} of them for this ledger",
        )


def _send_missing(node: Node, steps: Sequence[Step], signed: Sequence[SignedTransaction]) -> None:
    # One at a time keeps messages small: two contracts fill most of what a node takes at once.
    for step, one in zip(steps, signed, strict=True):
        send(node, [step], [one])


def _deployed(node: Node, noun: str, address: bytes, arguments: bytes, receipt: Receipt) -> DeployedContract:
    if receipt.contract_address not in (None, address):
        raise DeploymentFailed(f"create {noun}", f"it is at another address than 0x{address.hex()}")
    code = node.code(address)
    if not code:
        raise DeploymentFailed(f"create {noun}", f"no code at 0x{address.hex()}")
    artifact = load_artifact(_CONTRACT_NAMES[noun])
    return DeployedContract(
        noun=noun,
        name=artifact.name,
        address=address,
        creation_block=receipt.block_number,
        code_hash=keccak256(code),
        constructor_arguments=arguments,
        compiler=artifact.compiler,
        source_hash=artifact.source_hash,
    )


def _grant(node: Node, engine: Engine, admin: Signer, parameters: DeploymentParameters, access: bytes) -> None:
    steps = [
        Step(f"grant role {role}", access, ledger_access.encode_grant_role(role, account, 0), _REGISTRATION_GAS)
        for role, account in parameters.roles
        if not ledger_access.decode_has_role_output(node.call(access, ledger_access.encode_has_role(role, account)))[0]
    ]
    transact(node, engine, admin, parameters.chain_id, steps)


def _register_schemas(
    node: Node, engine: Engine, admin: Signer, chain_id: int, at: Mapping[str, bytes]
) -> dict[str, bytes]:
    ours = attestation_resolver.decode_schemas_output(
        node.call(at["attestation"], attestation_resolver.encode_schemas())
    )
    steps: list[Step] = []
    for schema in ours:
        answer = node.call(at["schema"], schema_registry.encode_get_schema(schema.uid))
        if schema_registry.decode_get_schema_output(answer).uid != schema.uid:
            data = schema_registry.encode_register(schema.text, at["attestation"], schema.revocable)
            steps.append(Step(f"register schema {schema.noun}", at["schema"], data, _REGISTRATION_GAS))
    transact(node, engine, admin, chain_id, steps)
    return {schema.noun: schema.uid for schema in ours}
