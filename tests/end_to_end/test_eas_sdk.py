"""The unmodified EAS SDK of npm reads what our resolver admitted, and sees its revocation."""

import json
import subprocess
from pathlib import Path
from typing import Any

from eth_abi.abi import encode

from ledger_node.bindings import eas
from ledger_node.deployment.demo import party_wallet
from ledger_node.deployment.transact import Step, transact
from ledger_node.domain.digest import keccak256, sha256
from ledger_node.domain.payload import lot_key
from tests.support.chain import SEED, Chain

SCRIPT = Path(__file__).parent / "read_attestation.mjs"
LOT_TYPES = ["bytes32", "bytes32", "bytes32", "uint128", "bytes3", "uint64", "bytes32", "bytes32"]


def send(chain: Chain, data: bytes) -> list[Any]:
    producer = party_wallet(SEED, "producer")
    step = Step("attest", chain.deployment.address("eas"), data, 2_000_000)
    receipts = transact(chain.node, chain.engine, producer, chain.deployment.chain_id, [step])
    logs = chain.node.logs_by_hash(receipts[0].block_hash, [chain.deployment.address("eas")])
    return [eas.decode_event(log.topics, log.data) for log in logs]


def attest_lot(chain: Chain, lot: bytes) -> bytes:
    values = [lot, bytes(32), sha256(b"product"), 52_000, b"GRM", 1_763_800_000, sha256(b"certificate"), bytes(32)]
    request = eas.AttestationRequest(
        schema=chain.deployment.schemas["lot"],
        data=eas.AttestationRequestData(
            recipient=party_wallet(SEED, "producer").address,
            expiration_time=0,
            revocable=True,
            ref_uid=bytes(32),
            data=encode(LOT_TYPES, values),
            value=0,
        ),
    )
    attested = next(one for one in send(chain, eas.encode_attest(request)) if isinstance(one, eas.Attested))
    return attested.uid


def revoke(chain: Chain, uid: bytes) -> None:
    request = eas.RevocationRequest(
        schema=chain.deployment.schemas["lot"], data=eas.RevocationRequestData(uid=uid, value=0)
    )
    send(chain, eas.encode_revoke(request))


def read_with_the_sdk(chain: Chain, uid: bytes) -> dict[str, Any]:
    addresses = [f"0x{chain.deployment.address(noun).hex()}" for noun in ("eas", "schema")]
    command = ["node", str(SCRIPT), chain.runner.url, *addresses, f"0x{uid.hex()}"]
    done = subprocess.run(command, capture_output=True, text=True, timeout=60, check=False)
    assert done.returncode == 0, done.stderr
    found: dict[str, Any] = json.loads(done.stdout)
    return found


def test_the_sdk_reads_an_admitted_attestation_and_sees_its_revocation(chain: Chain) -> None:
    lot = lot_key(f"https://id.gs1.org/01/09506000134352/10/SDK-{keccak256(chain.engine.name.encode()).hex()[:8]}")
    uid = attest_lot(chain, lot)
    read = read_with_the_sdk(chain, uid)
    assert (read["uid"], read["revoked"], read["valid"]) == (f"0x{uid.hex()}", False, True)
    assert read["data"]["lot"] == f"0x{lot.hex()}"
    assert read["data"]["quantity"] == "52000"
    assert read["resolver"].lower() == f"0x{chain.deployment.address('attestation').hex()}"
    assert read["attester"].lower() == f"0x{party_wallet(SEED, 'producer').address.hex()}"
    revoke(chain, uid)
    assert read_with_the_sdk(chain, uid)["revoked"] is True
