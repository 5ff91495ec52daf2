"""What the API tells of the chain's streams, asked of the databases themselves."""

from sqlalchemy import insert

from api.queries.chain import stream_names
from api.services import Views
from ledger_node.domain.record import name_hash
from ledger_node.store import Stores
from ledger_node.store.projections import Stream


def test_a_stream_has_its_name_before_its_first_record(stores: Stores) -> None:
    opened = name_hash("party/7/settlement")
    row = {"owner": 7, "market": bytes(32), "pinner": bytes(20), "flags": 0, "sequence": 0, "sealed_at": 0}
    with stores.projections.write() as connection:
        connection.execute(insert(Stream).values(stream=opened, root=bytes(32), flagged=False, **row))
    with stores.journal.read() as journal, stores.projections.read() as projections, stores.log.read() as log:
        assert stream_names(Views(journal, projections, log))[opened] == "party/7/settlement"
