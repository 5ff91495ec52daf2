"""The demonstration that `tidemark run` shows: its market founded on the chain, its network file, its names.

All keys come from one printed seed. What is named here — stalls, boats, parties — is made up.
"""

import json
from typing import Any, Final

from ledger_node.chain.engine import Engine
from ledger_node.chain.rpc import Node
from ledger_node.chain.signer import demo_secret
from ledger_node.deployment.demo import PARTY_KINDS, deploy_demo, found_market
from ledger_node.deployment.deployment import Deployment, check_deployment
from ledger_node.deployment.founding import FoundingDevice
from ledger_node.domain.checkpoint_note import NoteSigner
from ledger_node.domain.device import DeviceClass
from ledger_node.domain.digest import sha256
from ledger_node.domain.network import Contract, Network
from ledger_node.errors import WrongChain
from oracles.simulate.catalogue import CATALOGUE
from oracles.simulate.market_plan import MarketPlan
from scripts.node_folder import NodeFolder, NodeSettings, write_atomically

NETWORK_NAME: Final = "demo"
LOG_ORIGIN: Final = "tidemark.example/tidemark/demo/1"
_PARTY_NAMES: Final = {
    "market": ("舟普水产市场", "Zhoupu Seafood Market"),
    "carrier": ("冷链承运人", "Cold-chain carrier"),
    "wholesaler": ("水产批发商", "Seafood wholesaler"),
    "auditor": ("审计师", "Auditor"),
    "certifier": ("认证机构", "Certification body"),
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


def note_signer(settings: NodeSettings) -> NoteSigner:
    """The checkpoint log's key."""
    return NoteSigner(LOG_ORIGIN, sha256(b"checkpoint log" + demo_secret(settings.demo_seed, "checkpoint log")))


def market_plan(settings: NodeSettings) -> MarketPlan:
    """Who trades in the demonstration."""
    return MarketPlan(settings.demo_seed, settings.stalls)


def found_demo(folder: NodeFolder, node: Node, engine: Engine, *, last_final_block: int = 0) -> Deployment:
    """Deploys and founds on a fresh chain; on a known one only checks. Writes `deployment.json`, `network.json`, names.

    Raises IdentityError when the folder's deployment is not on this chain, or when the chain ends before
    `last_final_block`, which was final.
    """
    settings = folder.settings
    known = folder / "deployment.json"
    if known.exists():
        deployment = Deployment.parse(known.read_bytes())
        check_deployment(node, deployment, last_final_block)
    else:
        if (found := node.chain_id()) != settings.chain_id:
            raise WrongChain("chain id", str(settings.chain_id), str(found))
        deployment = deploy_demo(node, engine, settings.demo_seed)
    found_market(
        node,
        engine,
        deployment,
        seed=settings.demo_seed,
        devices=_devices(market_plan(settings)),
        lanes=settings.lanes,
        market=settings.market,
    )
    write_atomically(folder / "register.json", json.dumps(_names(settings), ensure_ascii=False).encode())
    write_atomically(folder / "network.json", _network(settings, deployment).to_bytes())
    # Written last: with it, the founding counts as done.
    write_atomically(known, deployment.to_bytes())
    return deployment


def _devices(plan: MarketPlan) -> list[FoundingDevice]:
    verified = (DeviceClass.SCALE, DeviceClass.PROBE, DeviceClass.TESTER)
    return [
        FoundingDevice(
            name=device.name,
            device_class=int(device.device_class),
            trust=device.trust,
            owner=device.owner,
            key=plan.key(device.name),
            merchant=_commitment(device.merchant_ref),
            place=_commitment(device.place_ref),
            is_verified=device.device_class in verified,
        )
        for device in plan.devices
    ]


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
