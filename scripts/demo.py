"""The demonstration's keys, parties and names, all from one printed seed; and the founding of its market.

Every key here is refused on any chain id but the demonstration's. What it names — stalls, boats, parties — is made up.
"""

import json
from collections.abc import Mapping
from typing import Any, Final

from ledger_node.chain.engine import Engine
from ledger_node.chain.rpc import Node
from ledger_node.chain.signer import DemoSigner, demo_secret
from ledger_node.deployment.deploy import DeploymentParameters, DeploymentSigners, deploy
from ledger_node.deployment.deployment import Deployment, check_deployment
from ledger_node.deployment.founding import Founder, Founding, FoundingDevice, FoundingParty
from ledger_node.domain.checkpoint_note import NoteSigner
from ledger_node.domain.device import DeviceClass
from ledger_node.domain.digest import sha256
from ledger_node.domain.network import Contract, Network
from oracles.simulate.catalogue import CATALOGUE
from oracles.simulate.market_plan import MarketPlan
from scripts.node_folder import NodeFolder, NodeSettings, write_atomically

NETWORK_NAME: Final = "demo"
LOG_ORIGIN: Final = "tidemark.example/tidemark/demo/1"
PARTY_KINDS: Final[Mapping[str, int]] = {
    "market": 8 | 512,
    "lab": 32,
    "bank": 128,
    "regulator": 64,
    "metrology": 4096,
    "producer": 1 | 1024,
}
"""The parties in the order of their numbers, with their kinds (bits of PartyKinds)."""
_PARTY_NAMES: Final = {
    "market": ("舟普水产市场", "Zhoupu Seafood Market"),
    "lab": ("市场检测室", "Market laboratory"),
    "bank": ("结算银行", "Settlement bank"),
    "regulator": ("市场监督管理局", "Market regulator"),
    "metrology": ("计量检定所", "Metrology institute"),
    "producer": ("东海生产者", "East Sea producers"),
}
_ITEM_NAMES: Final = {
    "AM02005": "Sea bass",
    "AM02001": "Large yellow croaker",
    "AM02002": "Small yellow croaker",
    "AM02003": "Largehead hairtail",
    "AM02004": "Silver pomfret",
    "AM02006": "Spanish mackerel",
    "AM02007": "Turbot",
    "AM02008": "Grouper",
    "AM03001": "Swimming crab",
    "AM03002": "Whiteleg shrimp",
    "AM04001": "Manila clam",
    "AM04002": "Oyster",
}
_SOURCE_NAMES: Final = {
    "浙岭渔 90058": "Zheling Yu 90058",
    "象山港养殖场": "Xiangshan Harbour farm",
    "大连獐子岛海区": "Zhangzi Island, Dalian",
    "鲁烟渔 61277": "Luyan Yu 61277",
    "宁德三都澳养殖场": "Sandu'ao farm, Ningde",
    "湛江东海岛养殖场": "Donghai Island farm, Zhanjiang",
}


def lane_names(settings: NodeSettings) -> list[str]:
    """The submitter's lanes, in the order in which streams are spread over them."""
    return [f"lane-{number}" for number in range(settings.lanes)]


def signer(settings: NodeSettings, purpose: str) -> DemoSigner:
    """The demonstration's key for a purpose: `deployer`, `admin`, `operator`, `lane-0`, `party market`, …"""
    return DemoSigner(settings.demo_seed, purpose, settings.chain_id)


def all_signers(settings: NodeSettings) -> list[DemoSigner]:
    """Every account that sends transactions."""
    purposes = ["deployer", "admin", "operator", *lane_names(settings), *(f"party {name}" for name in PARTY_KINDS)]
    return [signer(settings, purpose) for purpose in purposes]


def note_signer(settings: NodeSettings) -> NoteSigner:
    """The checkpoint log's key."""
    return NoteSigner(LOG_ORIGIN, sha256(b"checkpoint log" + demo_secret(settings.demo_seed, "checkpoint log")))


def market_plan(settings: NodeSettings) -> MarketPlan:
    """Who trades in the demonstration."""
    return MarketPlan(settings.demo_seed, settings.stalls)


def found_demo(folder: NodeFolder, node: Node, engine: Engine) -> Deployment:
    """Deploys and founds on a fresh chain; on a known one only checks. Writes `deployment.json`, `network.json`, names.

    Raises IdentityError when the folder's deployment is not on this chain.
    """
    settings = folder.settings
    known = folder / "deployment.json"
    if known.exists():
        deployment = Deployment.parse(known.read_bytes())
        check_deployment(node, deployment)
    else:
        signers = DeploymentSigners(signer(settings, "deployer"), signer(settings, "admin"))
        deployment = deploy(node, engine, signers, DeploymentParameters(settings.chain_id))
    founder = Founder(
        node,
        engine,
        settings.chain_id,
        deployment.addresses(),
        signer(settings, "admin"),
        signer(settings, "operator"),
    )
    founder.found(_founding(settings))
    write_atomically(folder / "register.json", json.dumps(_names(settings), ensure_ascii=False).encode())
    write_atomically(folder / "network.json", _network(settings, deployment).to_bytes())
    # Written last: with it, the founding counts as done.
    write_atomically(known, deployment.to_bytes())
    return deployment


def _founding(settings: NodeSettings) -> Founding:
    plan = market_plan(settings)
    return Founding(
        market=settings.market,
        parties=[FoundingParty(name, kinds, signer(settings, f"party {name}")) for name, kinds in PARTY_KINDS.items()],
        devices=[
            FoundingDevice(
                name=device.name,
                device_class=int(device.device_class),
                trust=device.trust,
                owner=device.owner,
                key=plan.key(device.name),
                merchant=_commitment(device.merchant_ref),
                place=_commitment(device.place_ref),
                is_verified=device.device_class in (DeviceClass.SCALE, DeviceClass.PROBE, DeviceClass.TESTER),
            )
            for device in plan.devices
        ],
        lanes=[signer(settings, lane).address for lane in lane_names(settings)],
        verifier="metrology",
        settlement_bank="bank",
    )


def _network(settings: NodeSettings, deployment: Deployment) -> Network:
    return Network(
        name=NETWORK_NAME,
        chain_id=deployment.chain_id,
        genesis_hash=deployment.genesis_hash,
        contracts=tuple(Contract(one.noun, one.address, one.code_hash) for one in deployment.contracts),
        policy_text=f"log {note_signer(settings).key.vkey()}\nquorum none\n",
    )


def _names(settings: NodeSettings) -> dict[str, Any]:
    """The market's register: names that no record and no chain carries."""
    plan = market_plan(settings)
    stalls = [(stall, _name(f"{stall.place} 号摊", f"Stall {stall.place}")) for stall in plan.stalls]
    return {
        "markets": {settings.market: _name(*_PARTY_NAMES["market"])},
        "places": {stall.place_ref: name for stall, name in stalls},
        "merchants": {stall.merchant_ref: name for stall, name in stalls},
        "sources": {plan.commitment(zh, "supplier_ref", zh): _name(zh, en) for zh, en in _SOURCE_NAMES.items()},
        "items": {item.code: _name(item.name, _ITEM_NAMES[item.code]) for item in CATALOGUE},
        "parties": {str(number): _name(*_PARTY_NAMES[name]) for number, name in enumerate(PARTY_KINDS, start=1)},
    }


def _name(zh: str, en: str) -> dict[str, str]:
    return {"zh": zh, "en": en}


def _commitment(text: str | None) -> bytes | None:
    return bytes.fromhex(text.removeprefix("0x")) if text else None
