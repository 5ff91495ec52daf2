"""The MQTT topics between gateways and node (`oracles.md` section 4), and which class of topic each kind goes to.

`tm/v1/{market}/{gateway}/{device}/{leaf}` with whole device names; the node speaks to all on `tm/v1/{market}/node/…`.
"""

from collections.abc import Mapping
from typing import Final, NamedTuple

from ledger_node.domain.payload import KINDS
from ledger_node.errors import EnvelopeMalformed

ROOT: Final = "tm/v1"
UP: Final = ("sale", "stock", "test", "climate", "device", "service", "birth")
"""The leaves on which frames travel to the node."""
DOWN: Final = ("ack", "cmd", "cfg")
NODE: Final = ("state", "holds", "checkpoint")
SHARED_GROUP: Final = "ingest"
_BY_STREAM_KIND: Final[Mapping[str, str]] = {
    **dict.fromkeys(("sale", "void", "refund", "settlement"), "sale"),
    **dict.fromkeys(("intake", "waste", "transfer"), "stock"),
    "test": "test",
    "climate": "climate",
    "device": "device",
}


class DeviceTopic(NamedTuple):
    """The names in a topic of one device."""

    market: str
    gateway: str
    device: str
    leaf: str


def leaf_of(kind: str) -> str:
    """The leaf that records of `kind` travel on; EnvelopeMalformed for a kind that nobody knows."""
    if kind == "birth":
        return "birth"
    if kind not in KINDS:
        raise EnvelopeMalformed("/kind", "unknown kind")
    return _BY_STREAM_KIND.get(KINDS[kind].stream_kind, "service")


def device_topic(market: str, gateway: str, device: str, leaf: str) -> str:
    """The topic of one device. ValueError for a name that would be two levels, or a wildcard."""
    for name in (market, gateway, device):
        if not name or set(name) & set("/+#"):
            raise ValueError(f"{name!r} cannot be a level of a topic")
    return f"{ROOT}/{market}/{gateway}/{device}/{leaf}"


def node_topic(market: str, leaf: str) -> str:
    """What the node tells everybody."""
    return f"{ROOT}/{market}/node/{leaf}"


def gateway_filters(market: str, gateway: str) -> list[str]:
    """What a gateway subscribes to: its devices' answers and the node's words."""
    return [*(f"{ROOT}/{market}/{gateway}/+/{leaf}" for leaf in DOWN), f"{ROOT}/{market}/node/+"]


def ingest_filters(*, shared: bool = True) -> list[str]:
    """What ingest subscribes to. Each leaf is a group of its own.

    rumqttd 0.20 serves only one filter of a client's shared subscriptions in one group: measured, the others were lost.
    """
    return [f"{f'$share/{SHARED_GROUP}-{leaf}/' if shared else ''}{ROOT}/+/+/+/{leaf}" for leaf in UP]


def parse_topic(topic: str) -> DeviceTopic | None:
    """The names in a device's topic, or None when it is none."""
    parts = topic.split("/")
    if len(parts) != 6 or "/".join(parts[:2]) != ROOT or not all(parts):
        return None
    return DeviceTopic(*parts[2:])
