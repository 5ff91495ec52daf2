"""Everything we expect to go wrong.

LedgerError                 root; anything else that escapes is a bug
├── ConfigurationWrong      a setting, file or key that cannot be used
│
├── ProofError              (proofs)
│   ├── MerkleProofWrong    a path, node list or consistency proof that leads elsewhere or is malformed
│   ├── SumOverflow         a sum at or past 2^128
│   ├── LogEntryMalformed   bytes that are no entry of the checkpoint log
│   ├── NoteMalformed       a checkpoint note that cannot be read
│   ├── KeyTextWrong        a vkey whose name, id and key do not fit
│   ├── PolicyWrong         a line of a log policy that breaks its rules
│   ├── NetworkFileWrong    a network file that cannot be the trust anchor
│   ├── BundleWrong         a proof bundle refused before anything in it is checked
│   ├── EventMalformed      an event of ours whose data do not decode
│   └── KeptFileWrong       the file of kept checkpoints cannot be read or written
├── EnvelopeMalformed       (records) an envelope, frame or payload that cannot be read, with the JSON pointer
│   └── EnvelopeTooLarge    a size, count or depth over its limit
├── IdentifierMalformed     a GS1 key, Digital Link or URN that breaks the standard
├── WriterElsewhere         another process is ingest's writer
├── IngestOverloaded        more is waiting to be judged than may be
├── SignedMessageWrong      a receipt, hold list or command that its signer did not make, or not for now
│
├── IndexerStopped          (indexer and checkpoints) the indexer must not go on until a person has looked
│   ├── ReorganisedPastFinality  the chain undid a block that was final
│   └── EventUndecodable    an event of ours that our bindings cannot read
├── CursorMoved             another indexer wrote although we hold the lease
├── NodeBehind              the node does not have, or contradicts, what it just told
├── CheckpointLogStopped    the log of this origin signs nothing any more
│   └── LogContradictsItself    stored notes, tree, tiles or map do not fit each other
├── EvidenceExists          an evidence file of this name has other bytes
│
├── DeviceError             (devices and gateways)
│   ├── IdentityUnavailable  a key file, token or secure element that cannot be used
│   ├── FlashDamaged         a device's durable counter that cannot be trusted any more
│   ├── ScaleRefuses         a scale, tester or probe that will not do what was asked, with the reason
│   └── NotKept              an envelope that the other side has not taken over: the device keeps it
│       ├── GatewaySlow      its queue is full for now
│       ├── OutboxFull       its disk share is used up
│       └── LinkDown         nobody answers
├── BrokerError             a message broker that cannot be started as asked
│
├── QueryError              (queries)
│   ├── QueryWrong          a path or query value that cannot be used
│   ├── QueryFieldUnknown   a query field that this address does not have
│   ├── BodyTooLarge        a request body over its limit
│   ├── NothingFound        no record, sale, ticket, lot, device, … of that name (one subclass a noun)
│   ├── RecordNotYetProven  kept, but its pin is not yet in a published checkpoint
│   ├── StandardUnsupported a part of a standard that is left out on purpose
│   └── PartUnavailable     another part of the node does not answer
├── ContentError            (content)
│   ├── CidUnsupported       a text or bytes that are no content identifier of this store
│   ├── ContentMissing       bytes that are not here, nor anywhere that was asked
│   ├── ContentAltered       bytes that do not fit their identifier, form or seal
│   ├── ContentMismatch      an identifier or hash other than the expected one
│   ├── ContentCutShort      a stream that ended before its declared length
│   ├── ContentTooLarge      more bytes than allowed
│   ├── ContentTypeRefused   a document or photo of a kind that is not accepted
│   ├── ContentQuotaExceeded a party's share of the store is used up
│   ├── ContentStoreFull     the disk is nearly full: nothing more is taken
│   ├── ContentStoreStopped  a write did not become durable: nothing is taken until a restart
│   ├── ContentTimedOut      no answer about content within the deadline
│   ├── ContentStoreUnreachable  the store's daemon does not answer
│   ├── ContentKeyMissing    a content key that is not here, or was destroyed
│   ├── CarMalformed         bytes that are no CARv1 file, with the offset
│   └── BatchFileMalformed   bytes that are no batch file, or not the pin's, with the offset
├── ChainError              (chain)
│   ├── NodeUnreachable     no answer from the node within its timeout
│   ├── NodeRefused         the node answered with an error, with its code, message and data
│   ├── NodeAnswerWrong     an answer that is not what was asked for
│   ├── EngineFailed        an embedded chain that cannot be started, or ended
│   ├── SignerRefused       a key that may not, or did not, sign
│   ├── LaneStopped         a lane that sends nothing more until a person has looked
│   ├── LeaseLost           another process has taken the lane
│   ├── TxKeyReused         an idempotency key that was given to another transaction
│   ├── DeploymentFailed    a deployment or founding step that the chain did not take
│   └── IdentityError       not the chain that this ledger lives on
│       ├── WrongChain      another chain id or genesis
│       ├── CodeWrong       missing or different code at a contract's address
│       └── ChainShorter    fewer blocks than were already final
├── ContractError           a revert that a contract declares (one generated subclass per Solidity error)
│   └── RevertUnknown       a revert that no contract of ours declares
├── JournalContradictsItself (sealing) rows of the journal that cannot both be true
│
│   (each part adds its branch below, in its own section)
"""


class LedgerError(Exception):
    """Root of every expected failure; anything else is a bug."""


class ConfigurationWrong(LedgerError):
    """A setting, file or key cannot be used."""

    def __init__(self, what: str, why: str, remedy: str) -> None:
        super().__init__(f"{what}: {why}. {remedy}")
        self.what = what
        self.why = why
        self.remedy = remedy


# --- proofs -----------------------------------------------------------------------------------------------------------


class ProofError(LedgerError):
    """Something that should prove a claim does not."""


class MerkleProofWrong(ProofError):
    """A path, node list or consistency proof leads to another root, or is malformed."""


class SumOverflow(ProofError):
    """A sum of amounts or masses is negative or reaches 2^128."""

    def __init__(self, total: int) -> None:
        super().__init__(f"the sum {total} does not fit 128 bits")
        self.total = total


class LogEntryMalformed(ProofError):
    """Bytes that are no entry of the checkpoint log."""


class NoteMalformed(ProofError):
    """A checkpoint note cannot be read."""


class KeyTextWrong(ProofError):
    """A vkey's name, id and key do not fit together."""

    def __init__(self, text: str, why: str) -> None:
        super().__init__(f"{text[:120]}: {why}")
        self.text = text
        self.why = why


class PolicyWrong(ProofError):
    """A line of a log policy breaks its rules."""

    def __init__(self, line: int, why: str) -> None:
        super().__init__(f"line {line}: {why}")
        self.line = line
        self.why = why


class NetworkFileWrong(ProofError):
    """A network file cannot serve as the trust anchor."""

    def __init__(self, pointer: str, why: str) -> None:
        super().__init__(f"{pointer or 'network file'}: {why}")
        self.pointer = pointer
        self.why = why


class BundleWrong(ProofError):
    """A proof bundle is refused in step 1 or 2: `code` malformed, not_canonical or bad_member."""

    def __init__(self, code: str, why: str, *, pointer: str = "", byte: int = 0) -> None:
        super().__init__(f"{code} {pointer}: {why}")
        self.code = code
        self.why = why
        self.pointer = pointer
        self.byte = byte


class EventMalformed(ProofError):
    """An event that claims to be ours has topics or data that do not decode."""


class KeptFileWrong(ProofError):
    """The file of kept checkpoints cannot be read or written."""

    def __init__(self, path: str, why: str) -> None:
        super().__init__(f"{path}: {why}")
        self.path = path
        self.why = why


# --- records ----------------------------------------------------------------------------------------------------------


class EnvelopeMalformed(LedgerError):
    """An envelope, frame or payload that cannot be read; `pointer` is the JSON pointer of the first fault."""

    def __init__(self, pointer: str, why: str, *limits: int) -> None:
        super().__init__(f"{pointer or 'the message'}: {' '.join((why, *map(str, limits)))}")
        self.pointer = pointer
        self.why = why
        self.limits = limits


class EnvelopeTooLarge(EnvelopeMalformed):
    """A size, count or depth over its limit."""

    def __init__(self, pointer: str, why: str, limit: int) -> None:
        super().__init__(pointer, why, limit)
        self.limit = limit


class IdentifierMalformed(LedgerError):
    """A GS1 key, Digital Link or URN that breaks the standard."""

    def __init__(self, text: str, why: str) -> None:
        super().__init__(f"{text[:200]}: {why}")
        self.text = text
        self.why = why


class WriterElsewhere(LedgerError):
    """Another process holds the lease `name`: this one may not write."""

    def __init__(self, name: str) -> None:
        super().__init__(f"another process holds the lease {name}; it lapses 15 s after that process ends")
        self.name = name


class IngestOverloaded(LedgerError):
    """More messages are waiting than `limit`; ask again after `retry_after_seconds`."""

    def __init__(self, waiting: int, limit: int, retry_after_seconds: int = 1) -> None:
        super().__init__(f"{waiting} messages are waiting, {limit} may")
        self.waiting = waiting
        self.limit = limit
        self.retry_after_seconds = retry_after_seconds


class SignedMessageWrong(LedgerError):
    """A receipt, hold list or command that cannot be read, is not signed by a known node key, or is out of date."""

    def __init__(self, what: str, why: str) -> None:
        super().__init__(f"{what}: {why}")
        self.what = what
        self.why = why


# --- contracts and chain ----------------------------------------------------------------------------------------------


class ChainError(LedgerError):
    """The chain, a node, an engine or a signer does not do what is asked."""


class NodeUnreachable(ChainError):
    """No answer from the node within its timeout."""

    def __init__(self, rpc_url: str, timeout_seconds: float, why: str = "") -> None:
        super().__init__(f"no answer from {rpc_url} within {timeout_seconds:g} s" + (f" ({why})" if why else ""))
        self.rpc_url = rpc_url
        self.timeout_seconds = timeout_seconds
        self.why = why


class NodeRefused(ChainError):
    """The node answered with an error; `data` is what it says beside the message."""

    def __init__(self, method: str, code: int, message: str, data: object = None) -> None:
        super().__init__(f"{method}: {message} ({code})")
        self.method = method
        self.code = code
        self.message = message
        self.data = data


class NodeAnswerWrong(ChainError):
    """An answer of the node is not of the asked form, or not about what was asked."""

    def __init__(self, what: str, why: str) -> None:
        super().__init__(f"{what}: {why}")
        self.what = what
        self.why = why


class EngineFailed(ChainError):
    """The embedded chain cannot be started, or has ended."""

    def __init__(self, engine: str, why: str) -> None:
        super().__init__(f"{engine}: {why}")
        self.engine = engine
        self.why = why


class SignerRefused(ChainError):
    """A key that may not be used here, cannot be opened, or signed for another address."""


class LaneStopped(ChainError):
    """The lane sends nothing more until a person has looked."""

    def __init__(self, lane: str, why: str) -> None:
        super().__init__(f"{lane}: {why}")
        self.lane = lane
        self.why = why


class LeaseLost(ChainError):
    """Another process has taken the lane; whoever held it stops at once."""

    def __init__(self, lane: str, fencing: int) -> None:
        super().__init__(f"{lane}: the lease with fencing number {fencing} is no longer held")
        self.lane = lane
        self.fencing = fencing


class TxKeyReused(ChainError):
    """The idempotency key was given to a transaction with another recipient or other data."""

    def __init__(self, key: str) -> None:
        super().__init__(f"{key} is the key of another transaction")
        self.key = key


class DeploymentFailed(ChainError):
    """The chain did not take a step of the deployment or of the market's founding."""

    def __init__(self, step: str, why: str) -> None:
        super().__init__(f"{step}: {why}")
        self.step = step
        self.why = why


class IdentityError(ChainError):
    """The node's chain is not the one this ledger lives on; nothing may be started on it."""

    def __init__(self, what: str, expected: str, found: str) -> None:
        super().__init__(f"{what}: expected {expected}, found {found}")
        self.what = what
        self.expected = expected
        self.found = found


class WrongChain(IdentityError):
    """Another chain id or another genesis than the deployment's."""


class CodeWrong(IdentityError):
    """At a contract's address there is no code, or other code."""


class ChainShorter(IdentityError):
    """The chain has fewer blocks than were already final."""


class ContractError(LedgerError):
    """A revert that a contract declares; `values` are its arguments by their Python names."""

    title = "The contract refused."
    signature = ""

    def __init__(self, **values: object) -> None:
        shown = ", ".join(f"{name}={_shown(value)}" for name, value in values.items())
        super().__init__(f"{type(self).__name__}({shown}): {self.title}")
        self.values = values


class RevertUnknown(ContractError):
    """A revert that none of our contracts declares; `data` as returned, `reason` in words where there are any."""

    def __init__(self, data: bytes, reason: str = "") -> None:
        super().__init__(data=data, reason=reason)
        self.data = data
        self.reason = reason


def _shown(value: object) -> str:
    return f"0x{value.hex()}" if isinstance(value, bytes) else str(value)


# --- content ----------------------------------------------------------------------------------------------------------


class ContentError(LedgerError):
    """Content that cannot be kept, found or believed."""


class CidUnsupported(ContentError):
    """A text or bytes that are no content identifier of this store."""

    def __init__(self, text: str, why: str) -> None:
        super().__init__(f"{text[:80]}: {why}")
        self.text = text
        self.why = why


class ContentMissing(ContentError):
    """Bytes that are not here, nor anywhere that was asked."""

    def __init__(self, cid: str, asked: str = "this store") -> None:
        super().__init__(f"{cid} is not in {asked}")
        self.cid = cid
        self.asked = asked


class ContentAltered(ContentError):
    """Bytes that do not fit their identifier, form or seal; `where` names the file or part."""

    def __init__(self, cid: str, where: str) -> None:
        super().__init__(f"{cid or 'the content'} is altered: {where}")
        self.cid = cid
        self.where = where


class ContentMismatch(ContentError):
    """An identifier or hash other than the expected one; nothing was pinned."""

    def __init__(self, expected: str, answered: str, by: str) -> None:
        super().__init__(f"expected {expected}, but {by} gives {answered}")
        self.expected = expected
        self.answered = answered
        self.by = by


class ContentCutShort(ContentError):
    """A stream that ended before its declared length, in bytes."""

    def __init__(self, length: int, declared: int) -> None:
        super().__init__(f"{length} bytes came, {declared} were declared")
        self.length = length
        self.declared = declared


class ContentTooLarge(ContentError):
    """More bytes, pixels or frames than allowed."""

    def __init__(self, length: int, limit: int) -> None:
        super().__init__(f"{length}, more than the {limit} allowed")
        self.length = length
        self.limit = limit


class ContentTypeRefused(ContentError):
    """A document or photo of a kind that is not accepted."""

    def __init__(self, found: str, claimed: str = "") -> None:
        super().__init__(f"{found} is not accepted" + (f" (claimed: {claimed})" if claimed else ""))
        self.found = found
        self.claimed = claimed


class ContentQuotaExceeded(ContentError):
    """A party's share of the store is used up; bytes or files."""

    def __init__(self, party: str, used: int, limit: int) -> None:
        super().__init__(f"{party} would use {used} of {limit}")
        self.party = party
        self.used = used
        self.limit = limit


class ContentStoreFull(ContentError):
    """The disk is nearly full: reads go on, puts are refused until a person makes room."""

    def __init__(self, used_permille: int, limit_permille: int) -> None:
        super().__init__(f"the disk is {used_permille} per mille full, over the {limit_permille} allowed")
        self.used_permille = used_permille
        self.limit_permille = limit_permille


class ContentStoreStopped(ContentError):
    """A write did not become durable; what is on disk is unknown until the store is opened anew."""

    def __init__(self, why: str) -> None:
        super().__init__(f"the store has stopped: {why}")
        self.why = why


class ContentTimedOut(ContentError):
    """No answer about content within the deadline."""

    def __init__(self, cid: str, seconds: float) -> None:
        super().__init__(f"no answer about {cid or 'the content'} within {seconds:g} s")
        self.cid = cid
        self.seconds = seconds


class ContentStoreUnreachable(ContentError):
    """The store's daemon does not answer."""

    def __init__(self, url: str) -> None:
        super().__init__(f"no content store at {url}")
        self.url = url


class ContentKeyMissing(ContentError):
    """A content key that is not here, or was destroyed; `erased_at_ms` and `ground` say when and why."""

    def __init__(self, key_id: bytes, *, erased_at_ms: int | None = None, ground: str = "") -> None:
        state = f"was destroyed: {ground}" if erased_at_ms else "is not here"
        super().__init__(f"content key {key_id.hex()} {state}")
        self.key_id = key_id
        self.erased_at_ms = erased_at_ms
        self.ground = ground


class CarMalformed(ContentError):
    """Bytes that are no CARv1 file we take; `offset` is that of the first fault. Nothing was pinned."""

    def __init__(self, offset: int, why: str) -> None:
        super().__init__(f"CAR file, byte {offset}: {why}")
        self.offset = offset
        self.why = why


class BatchFileMalformed(ContentError):
    """Bytes that are no batch file, or not the one of the pin; `offset` is that of the first fault."""

    def __init__(self, offset: int, why: str) -> None:
        super().__init__(f"batch file, byte {offset}: {why}")
        self.offset = offset
        self.why = why


# --- sealing ----------------------------------------------------------------------------------------------------------


class JournalContradictsItself(LedgerError):
    """Rows of the journal that cannot both be true; a person must look before anything more is sealed."""

    def __init__(self, stream: str, why: str) -> None:
        super().__init__(f"{stream}: {why}")
        self.stream = stream
        self.why = why


# --- indexer and checkpoints ------------------------------------------------------------------------------------------


class IndexerStopped(LedgerError):
    """The indexer stopped and must not go on until a person has looked."""


class ReorganisedPastFinality(IndexerStopped):
    """The chain has another block where a final one was."""

    def __init__(self, block_number: int, known_hash: bytes, found_hash: bytes | None) -> None:
        found = "no block" if found_hash is None else f"0x{found_hash.hex()}"
        super().__init__(f"block {block_number} was final as 0x{known_hash.hex()}, the node now has {found}")
        self.block_number = block_number
        self.known_hash = known_hash
        self.found_hash = found_hash


class EventUndecodable(IndexerStopped):
    """An event of one of our contracts cannot be read with our bindings."""

    def __init__(self, noun: str, address: bytes, block_number: int, log_index: int, why: str) -> None:
        super().__init__(f"{noun} 0x{address.hex()}, block {block_number}, log {log_index}: {why}")
        self.noun = noun
        self.address = address
        self.block_number = block_number
        self.log_index = log_index
        self.why = why


class CursorMoved(LedgerError):
    """The cursor is not where this indexer left it: another one wrote."""

    def __init__(self, name: str, expected_block: int) -> None:
        super().__init__(f"cursor {name} no longer stands at block {expected_block}")
        self.name = name
        self.expected_block = expected_block


class NodeBehind(LedgerError):
    """The node contradicts itself for now, as one that lags behind another does; asking again may help."""

    def __init__(self, block_number: int, why: str) -> None:
        super().__init__(f"block {block_number}: {why}")
        self.block_number = block_number
        self.why = why


class CheckpointLogStopped(LedgerError):
    """The log of this origin has stopped for good: the operator opens the next origin."""

    def __init__(self, origin: str, reason: str) -> None:
        super().__init__(f"{origin}: {reason}")
        self.origin = origin
        self.reason = reason


class LogContradictsItself(CheckpointLogStopped):
    """A stored note, the tree, the tiles on disk or the subject map do not fit each other."""


class EvidenceExists(LedgerError):
    """An evidence file of this name is there with other bytes; evidence is never overwritten."""

    def __init__(self, path: str) -> None:
        super().__init__(f"{path} holds other bytes")
        self.path = path


# --- devices and gateways ---------------------------------------------------------------------------------------------


class DeviceError(LedgerError):
    """Something at the edge of the market that cannot go on as asked."""


class IdentityUnavailable(DeviceError):
    """A key file, token or secure element cannot be used; `remedy` says what to do."""

    def __init__(self, where: str, why: str, remedy: str) -> None:
        super().__init__(f"{where}: {why}. {remedy}")
        self.where = where
        self.why = why
        self.remedy = remedy


class FlashDamaged(DeviceError):
    """The durable counter of a device cannot be trusted: signing on would risk two records of one number."""

    def __init__(self, path: str, offset: int, why: str) -> None:
        super().__init__(f"{path}, byte {offset}: {why}")
        self.path = path
        self.offset = offset
        self.why = why


class ScaleRefuses(DeviceError):
    """A measuring device will not do what was asked; `reason` is for programs, `detail` for people."""

    def __init__(self, reason: str, detail: str) -> None:
        super().__init__(f"{reason}: {detail}")
        self.reason = reason
        self.detail = detail


class NotKept(DeviceError):
    """The other side has not taken the envelopes over; the device keeps them."""


class GatewaySlow(NotKept):
    """The gateway's queue is full for now; ask again after `retry_after_ms`."""

    def __init__(self, retry_after_ms: int) -> None:
        super().__init__(f"the gateway is slow: ask again in {retry_after_ms} ms")
        self.retry_after_ms = retry_after_ms


class OutboxFull(NotKept):
    """The gateway's outbox is full and nothing of less worth is left to shed."""

    def __init__(self, used_bytes: int, limit_bytes: int) -> None:
        super().__init__(f"the outbox holds {used_bytes} of {limit_bytes} bytes, or rows older than it may keep")
        self.used_bytes = used_bytes
        self.limit_bytes = limit_bytes


class LinkDown(NotKept):
    """Nobody answers at the other end of the link."""

    def __init__(self, where: str, why: str) -> None:
        super().__init__(f"{where}: {why}")
        self.where = where
        self.why = why


class BrokerError(LedgerError):
    """A message broker cannot be started as asked."""

    def __init__(self, where: str, why: str) -> None:
        super().__init__(f"{where}: {why}")
        self.where = where
        self.why = why


# --- queries ----------------------------------------------------------------------------------------------------------


class QueryError(LedgerError):
    """A question that cannot be answered as it was put."""


class QueryWrong(QueryError):
    """A value in the path or query cannot be used; `field` names it."""

    def __init__(self, field: str, why: str) -> None:
        super().__init__(f"{field}: {why}")
        self.field = field
        self.why = why


class QueryFieldUnknown(QueryError):
    """A query field that this address does not have."""

    def __init__(self, field: str, known: tuple[str, ...]) -> None:
        super().__init__(f"{field[:80]!r} is not one of: {', '.join(known) or 'no query fields'}")
        self.field = field
        self.known = known


class BodyTooLarge(QueryError):
    """A request body over its limit."""

    def __init__(self, limit_bytes: int) -> None:
        super().__init__(f"the body is over {limit_bytes} bytes")
        self.limit_bytes = limit_bytes


class NothingFound(QueryError):
    """Nothing is known by the name that was asked for."""

    noun = "thing"

    def __init__(self, name: str) -> None:
        super().__init__(f"no {self.noun} {name[:160]!r} is known here")
        self.name = name


class RecordNotFound(NothingFound):
    """No record has this hash."""

    noun = "record"


class SaleNotFound(NothingFound):
    """No sale has this id or trace code: it was not issued by this market."""

    noun = "sale"


class TicketNotFound(NothingFound):
    """No ticket has this id."""

    noun = "ticket"


class LotNotFound(NothingFound):
    """No lot has this key or Digital Link."""

    noun = "lot"


class DeviceNotFound(NothingFound):
    """No device of this name is enrolled."""

    noun = "device"


class StreamNotFound(NothingFound):
    """No stream has this name."""

    noun = "stream"


class PinNotFound(NothingFound):
    """The stream has no pin of this number."""

    noun = "pin"


class BatchNotFound(NothingFound):
    """The stream has no batch of this number."""

    noun = "batch"


class BlockNotFound(NothingFound):
    """No block of this number has been taken in."""

    noun = "block"


class PartyNotFound(NothingFound):
    """No party has this number."""

    noun = "party"


class CheckpointNotFound(NothingFound):
    """No such checkpoint has been published."""

    noun = "checkpoint"


class TileNotFound(NothingFound):
    """The log has no such tile."""

    noun = "tile"


class MarketNotFound(NothingFound):
    """This node serves another market."""

    noun = "market"


class PageNotFound(NothingFound):
    """Nothing stands at this address."""

    noun = "page"


class RecordNotYetProven(QueryError):
    """The record is kept, but no published checkpoint covers its pin yet; `stage` says how far it has come."""

    def __init__(self, record_hash: bytes, stage: str) -> None:
        super().__init__(f"record 0x{record_hash.hex()} is {stage}: ask again in a few seconds")
        self.record_hash = record_hash
        self.stage = stage


class StandardUnsupported(QueryError):
    """A part of a standard that is left out on purpose."""

    def __init__(self, what: str, why: str) -> None:
        super().__init__(f"{what}: {why}")
        self.what = what
        self.why = why


class PartUnavailable(QueryError):
    """Another part of this node does not answer; `retry_after_seconds` when to ask again."""

    def __init__(self, part: str, why: str, retry_after_seconds: int = 2) -> None:
        super().__init__(f"{part}: {why}")
        self.part = part
        self.why = why
        self.retry_after_seconds = retry_after_seconds
