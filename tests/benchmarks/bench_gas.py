"""Gas of a pin and of a record in it, beside EAS `attest` and `multiAttest`, on the same chain in the same run.

python -m tests.benchmarks.bench_gas [anvil|ganache]
"""

import sys
import tempfile
from pathlib import Path

from eth_abi.abi import encode

from ledger_node.bindings import eas, pin_registry, schema_registry
from ledger_node.chain.signer import Signer
from ledger_node.deployment.demo import party_wallet
from ledger_node.deployment.transact import Step, transact
from ledger_node.domain.digest import keccak256, sha256
from ledger_node.domain.sum_tree import EMPTY
from tests.benchmarks.figures import Figure, print_figures
from tests.support.chain import SEED, Chain, a_chain

RECORDS = 1000
MULTI = 50
PLAIN_SCHEMA = "bytes32 device,bytes32 recordHash,uint128 amount,uint128 mass"


def pin_gas(chain: Chain, stream: str) -> list[int]:
    """Gas of five pins of 1,000 records in a row: the first writes fresh slots, the others overwrite."""
    used: list[int] = []
    previous = EMPTY.hash
    for sequence in range(1, 6):
        now = chain.clock.now_s()
        root = sha256(f"{stream} {sequence}".encode())
        header = pin_registry.PinHeader(
            root=root, previous_root=previous, count=RECORDS, amount=3_650_000, mass=1_825_000,
            first_at=now - 2, last_at=now - 1, sealed_at=now,
            content=sha256(b"file" + root), lots=sha256(b"lots" + root), rules=sha256(b"rules"),
        )  # fmt: skip
        data = pin_registry.encode_pin(keccak256(stream.encode()), sequence, header)
        used.append(send(chain, chain.lanes[chain.lane_of(stream)], chain.deployment.address("trace"), data))
        previous = root
    return used


def send(chain: Chain, signer: Signer, to: bytes, data: bytes) -> int:
    """Gas that one transaction used."""
    step = Step("benchmark", to, data, 25_000_000)
    return transact(chain.node, chain.engine, signer, chain.deployment.chain_id, [step])[0].gas_used


def attestation_gas(chain: Chain) -> tuple[int, int]:
    """Gas of one `attest` and of one `multiAttest` of MULTI records under a schema without a resolver."""
    sender = party_wallet(SEED, "market")
    registry, contract = chain.deployment.address("schema"), chain.deployment.address("eas")
    send(chain, sender, registry, schema_registry.encode_register(PLAIN_SCHEMA, bytes(20), False))
    uid = keccak256(PLAIN_SCHEMA.encode() + bytes(20) + b"\0")

    def data(number: int) -> eas.AttestationRequestData:
        values = [sha256(b"device"), sha256(f"record {number}".encode()), 3650, 1825]
        packed = encode(["bytes32", "bytes32", "uint128", "uint128"], values)
        return eas.AttestationRequestData(bytes(20), 0, False, bytes(32), packed, 0)

    one = send(chain, sender, contract, eas.encode_attest(eas.AttestationRequest(uid, data(0))))
    many = eas.MultiAttestationRequest(uid, tuple(data(number) for number in range(1, MULTI + 1)))
    return one, send(chain, sender, contract, eas.encode_multi_attest((many,)))


def main() -> None:
    """Prints the table."""
    engine = sys.argv[1] if len(sys.argv) > 1 else "anvil"
    with tempfile.TemporaryDirectory() as folder, a_chain(engine, Path(folder)) as chain:
        plain, kept = pin_gas(chain, "market/zpk/sale"), pin_gas(chain, "market/zpk/sales-day")
        one, many = attestation_gas(chain)
    steady = max(plain[1:])
    print_figures(
        f"Gas on {engine}",
        [
            Figure("pin of 1,000 records", f"{steady:,}", "≤ 45,000", f"the first of a stream {plain[0]:,}"),
            Figure("pin with kept root", f"{max(kept[1:]):,}", "≤ 68,000"),
            Figure("a record in a pin of 1,000", f"{steady / RECORDS:.1f}", "≤ 50"),
            Figure("EAS attest, one record", f"{one:,}", "–", f"{one * RECORDS // steady:,} times a pinned record"),
            Figure(f"EAS multiAttest, a record of {MULTI}", f"{many // MULTI:,}", "–"),
        ],
    )


if __name__ == "__main__":
    main()
