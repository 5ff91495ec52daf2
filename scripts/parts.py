"""The parts of a node by name, each built from the node's folder and run until SIGTERM.

A part is a process of its own: it meets the others only in SQL, MQTT, the chain and the content store, so each can be
stopped and started alone (`tidemark seal --data DIR`).
"""

import asyncio
import json
import os
import secrets
import threading
from collections.abc import Callable
from contextlib import ExitStack
from typing import Final

import uvicorn
from sqlalchemy import select

from api.app import create_app
from api.register import MarketRegister
from api.settings import ApiSettings
from ledger_node.chain.submitter import Submitter
from ledger_node.checkpoint.log import CheckpointLog, CheckpointSettings
from ledger_node.content.content_keys import KeyFolder
from ledger_node.content.local import LocalStore
from ledger_node.deployment.demo import PARTY_KINDS, lane_names, lane_signers
from ledger_node.deployment.deployment import Deployment, check_deployment
from ledger_node.deployment.founding import STREAM_FLAGS
from ledger_node.domain.judge import MarketRules
from ledger_node.domain.network import Network
from ledger_node.domain.record import name_hash
from ledger_node.indexer.indexer import Indexer
from ledger_node.proof.build import BundleBuilder
from ledger_node.sealing.day_planner import SalesDaySettings
from ledger_node.sealing.merchants import DeviceAssignments
from ledger_node.sealing.own_records import OwnDevice
from ledger_node.sealing.sales_days import SalesDays
from ledger_node.sealing.sealer import Sealer
from ledger_node.sealing.settings import SealingSettings
from ledger_node.store.devices import DeviceDirectory
from ledger_node.store.projections import Device
from ledger_node.store.tx import JournalTxStore
from oracles.device.flash import BLOCK, Flash
from oracles.device.identity import SoftwareIdentity
from oracles.device.link import HttpLink, Link
from oracles.device.node_word import HoldWatch
from oracles.device.recorder import Recorder
from oracles.gateway.gateway import Gateway
from oracles.gateway.keep_server import KeepServer
from oracles.ingest.fork_evidence import ForkEvidence
from oracles.ingest.service import Ingest
from oracles.simulate.fault_link import FaultyLink
from oracles.simulate.fault_plan import FaultPlan
from oracles.simulate.listening import Listener
from oracles.simulate.market_day import TIME_ZONE, MarketData
from oracles.simulate.market_plan import MarketPlan
from oracles.simulate.simulation import Simulation
from oracles.simulate.truth import TruthFile
from scripts import demo
from scripts.founding_parts import FOUNDING_PARTS, await_chain, engine_of, last_final_block, stores_of
from scripts.node_folder import SOURCES_FOLDER, NodeFolder
from scripts.part_process import run_side_by_side

CURRENCY: Final = "CNY"


def run_gateway(folder: NodeFolder, stop: threading.Event) -> None:
    """All gateways of the market, each with its own folder, door and session."""
    settings, plan = folder.settings, demo.market_plan(folder.settings)
    domain = Network.parse(_network(folder)).signing_domain
    node = plan.key(plan.node)
    # A record that arrives before the registry is indexed would be refused for good.
    _await_devices(folder, plan, stop)
    with ExitStack() as doors:
        gateways: list[Gateway] = []
        for number, name in enumerate(plan.gateways):
            own = folder / "gateway" / name.rpartition(":")[2]
            own.mkdir(parents=True, exist_ok=True)
            gateway = Gateway(
                own,
                name,
                settings.market,
                SoftwareIdentity(name, plan.key(name)),
                ("127.0.0.1", settings.broker_port),
                f"http://127.0.0.1:{settings.ingest_port}",
                {plan.node: (node.key_type, node.public_key)},
                folder.clock,
                domain,
            )
            doors.enter_context(KeepServer(gateway, settings.gateway_ports[number]))
            gateways.append(gateway)
        run_side_by_side([gateway.run for gateway in gateways], stop)


def run_simulate(folder: NodeFolder, stop: threading.Event) -> None:
    """The devices of the replayed market."""
    settings, plan = folder.settings, demo.market_plan(folder.settings)
    domain = Network.parse(_network(folder)).signing_domain
    devices = folder / "devices"
    devices.mkdir(exist_ok=True)
    made_elsewhere = {plan.node, plan.ledger, *plan.gateways}
    recorders = {
        device.name: Recorder(
            SoftwareIdentity(device.name, plan.key(device.name)),
            Flash(devices / device.name.rpartition(":")[2], reserve=BLOCK),
            domain,
            market=settings.market,
            clock=folder.clock,
        )
        for device in plan.devices
        if device.name not in made_elsewhere
    }
    faults = FaultPlan(settings.demo_seed, settings.faults, plan.intake_system) if settings.faults else None
    truth = TruthFile(folder / "truth.jsonl")
    links: dict[str, Link] = {}
    for number, name in enumerate(plan.gateways):
        link = HttpLink(f"http://127.0.0.1:{settings.gateway_ports[number]}")
        links[name] = FaultyLink(link, faults, truth, folder.clock) if faults else link
    node = plan.key(plan.node)
    node_keys = {plan.node: (node.key_type, node.public_key)}
    simulation = Simulation(
        plan,
        MarketData.load(SOURCES_FOLDER),
        recorders,
        links,
        folder.clock,
        bank_stream=f"party/{_bank_number()}/settlement",
        listeners={
            name: Listener(recorder, HoldWatch(settings.market, domain, node_keys, folder.clock), folder.clock)
            for name, recorder in recorders.items()
        },
        faults=faults,
        truth=truth,
    )
    simulation.begin(_await_devices(folder, plan, stop))
    simulation.run(stop)


def run_ingest(folder: NodeFolder, stop: threading.Event) -> None:
    """Ingest, with its doors on MQTT and HTTP."""
    settings, stores, plan = folder.settings, stores_of(folder), demo.market_plan(folder.settings)
    Ingest(
        stores,
        DeviceDirectory(stores.projections),
        MarketRules(settings.market, CURRENCY, TIME_ZONE.key),
        SoftwareIdentity(plan.node, plan.key(plan.node)),
        Network.parse(_network(folder)).signing_domain,
        folder.clock,
        broker=("127.0.0.1", settings.broker_port),
        http_port=settings.ingest_port,
        workers=settings.workers,
        forks=ForkEvidence(_deployment(folder).address("device"), lane_names(settings.lanes)[0]),
    ).run(stop)


def run_seal(folder: NodeFolder, stop: threading.Event) -> None:
    """Sealer and sales days."""
    settings, deployment, stores = folder.settings, _deployment(folder), stores_of(folder)
    market = settings.market
    keys = KeyFolder(folder / "keys" / "content")
    sealing = SealingSettings(
        zone=TIME_ZONE,
        streams=[*(f"market/{market}/{kind}" for kind in STREAM_FLAGS), f"party/{_bank_number()}/settlement"],
        lanes=lane_names(settings.lanes),
        pin_registry=deployment.address("trace"),
    )
    plan = demo.market_plan(settings)
    own = OwnDevice(plan.ledger, plan.key(plan.ledger), Network.parse(_network(folder)).signing_domain)
    with LocalStore(folder / "content") as content:
        days = SalesDays(
            stores,
            SalesDaySettings(market, TIME_ZONE, CURRENCY),
            DeviceAssignments(stores),
            keys,
            own,
            folder.clock,
            holder=_holder(),
        )
        sealer = Sealer(stores, content, sealing, keys, folder.clock, holder=_holder())
        run_side_by_side([sealer.run, days.run], stop)


def run_submit(folder: NodeFolder, stop: threading.Event) -> None:
    """The submitter."""
    settings, stores = folder.settings, stores_of(folder)
    node = await_chain(folder, stop)
    if stop.is_set():
        return
    # What was final and is gone must be looked at by a person: nothing is sent again over it.
    check_deployment(node, _deployment(folder), last_final_block(stores))
    Submitter(
        JournalTxStore(stores.journal, folder.clock),
        node,
        engine_of(folder),
        lane_signers(settings.demo_seed, settings.lanes),
        folder.clock,
        chain_id=settings.chain_id,
    ).run(stop)


def run_index(folder: NodeFolder, stop: threading.Event) -> None:
    """The indexer."""
    node = await_chain(folder, stop)
    deployment = _deployment(folder)
    indexer = Indexer(
        stores_of(folder),
        node,
        engine_of(folder),
        deployment,
        folder.clock,
        evidence=folder / "evidence",
        network=demo.NETWORK_NAME,
        poll_seconds=0.25,
    )
    indexer.run(stop)


def run_checkpoint(folder: NodeFolder, stop: threading.Event) -> None:
    """The checkpoint log."""
    settings = folder.settings
    network = Network.parse(_network(folder))
    log = CheckpointLog(
        stores_of(folder),
        folder / "log",
        folder / "evidence",
        demo.note_signer(settings),
        CheckpointSettings(settings.chain_id, network.name, network.policy),
        folder.clock,
    )
    log.run(stop)


def run_serve(folder: NodeFolder, stop: threading.Event) -> None:
    """API and pages."""
    settings, stores = folder.settings, stores_of(folder)
    network_bytes = _network(folder)
    api = ApiSettings(
        market=settings.market,
        public_url=settings.public_url,
        log_folder=folder / "log",
        register=MarketRegister.from_json(json.loads((folder / "register.json").read_bytes())),
        ingest_url=f"http://127.0.0.1:{settings.ingest_port}",
        demo=True,
    )
    with LocalStore(folder / "content") as content:
        app = create_app(
            api, stores, network_bytes, BundleBuilder(stores, Network.parse(network_bytes)), content, folder.clock
        )
        config = uvicorn.Config(
            app, host="127.0.0.1", port=settings.api_port, log_level="warning", access_log=False, lifespan="on",
            timeout_graceful_shutdown=2,
        )  # fmt: skip
        asyncio.run(_serve(uvicorn.Server(config), stop))


async def _serve(server: uvicorn.Server, stop: threading.Event) -> None:
    serving = asyncio.create_task(server.serve())
    stopping = asyncio.create_task(asyncio.to_thread(stop.wait))
    await asyncio.wait((serving, stopping), return_when=asyncio.FIRST_COMPLETED)
    server.should_exit = True
    stop.set()
    await serving


def _await_devices(folder: NodeFolder, plan: MarketPlan, stop: threading.Event) -> int:
    """When the youngest device was enrolled, in milliseconds, once the indexer knows them all."""
    stores = stores_of(folder)
    table = Device.__table__  # type: ignore[attr-defined]
    names = {name_hash(device.name) for device in plan.devices}
    while not stop.is_set():
        with stores.projections.read() as connection:
            enrolled: dict[bytes, int] = {
                row.device: row.enrolled_at for row in connection.execute(select(table.c.device, table.c.enrolled_at))
            }
        if names <= set(enrolled):
            return (max(enrolled[name] for name in names) + 1) * 1000
        stop.wait(0.1)
    return folder.clock.now_ms()


def _bank_number() -> int:
    return list(PARTY_KINDS).index("bank") + 1


def _deployment(folder: NodeFolder) -> Deployment:
    return Deployment.parse((folder / "deployment.json").read_bytes())


def _network(folder: NodeFolder) -> bytes:
    return (folder / "network.json").read_bytes()


def _holder() -> str:
    return f"{os.uname().nodename}/{os.getpid()}/{secrets.token_hex(4)}"


PARTS: Final[dict[str, Callable[[NodeFolder, threading.Event], None]]] = {
    **FOUNDING_PARTS,
    "ingest": run_ingest,
    "gateway": run_gateway,
    "seal": run_seal,
    "submit": run_submit,
    "index": run_index,
    "checkpoint": run_checkpoint,
    "serve": run_serve,
    "simulate": run_simulate,
}
