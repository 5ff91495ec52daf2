// Steps 1 and 2: from a file's bytes to a bundle, or the code and place of the first fault.
import { equal, keccak256, toNumber, utf8 } from "./bytes.js";
import { readEnvelope } from "./envelope.js";
import { UINT128, base64Of, decimalOf, has, hashOf, hexOf, integerOf, isObject, itemsOf, membersOf, rowOf, siblingOf, textOf, timeOf, wrong } from "./members.js";
import { readCanonical } from "./strict_json.js";
import { isOtherOnTheWay, leafHash, lotKey, subjectKey } from "./trees.js";

const ALWAYS = ["tidemark_proof", "kind", "chain_id", "made_at", "checkpoint"];
const EXTRAS = ["records", "lots", "heartbeats", "openings", "contents", "timestamps", "old_checkpoint", "consistency"];
const REQUIRED = {
  record: ["log", "records", "histories"],
  history: ["log", "histories"],
  lot: ["log", "histories", "lots"],
  sales_day: ["log", "records", "histories"],
  stream: ["log", "histories"],
  consistency: ["old_checkpoint", "consistency"],
};
const SIGNED = ["stream", "sequence", "observedAtMs", "kind", "value", "exponent", "unit", "previousHash"];

export function readBundle(bytes) {
  const raw = readCanonical(bytes);
  if (!isObject(raw)) throw wrong("", "not an object");
  if (raw.tidemark_proof !== 1) throw wrong("/tidemark_proof", "an unknown version");
  if (typeof raw.kind !== "string" || !has(REQUIRED, raw.kind)) throw wrong("/kind", "an unknown kind");
  membersOf(raw, "", [...ALWAYS, ...REQUIRED[raw.kind]], raw.kind === "consistency" ? ["timestamps"] : EXTRAS);
  if (has(raw, "old_checkpoint") !== has(raw, "consistency")) throw wrong("/consistency", "goes with old_checkpoint");
  const list = (name, read, highest, lowest = 0) => (has(raw, name) ? itemsOf(raw[name], `/${name}`, read, { lowest, highest }) : []);
  const records = list("records", readRecord, 200, 1);
  return {
    raw,
    kind: raw.kind,
    chainId: decimalOf(raw.chain_id, "/chain_id"),
    madeAtMs: timeOf(raw.made_at, "/made_at"),
    checkpoint: textOf(raw.checkpoint, "/checkpoint"),
    log: has(raw, "log") ? readLog(raw.log) : null,
    records,
    histories: distinct(list("histories", readHistory, 512)),
    lots: list("lots", readLot, 512),
    heartbeats: list("heartbeats", (value, pointer) => readHeartbeat(value, pointer, records), 200),
    openings: list("openings", readOpening, 200),
    contents: list("contents", readContent, 200),
    timestamps: list("timestamps", base64Of, 8),
    oldCheckpoint: has(raw, "old_checkpoint") ? textOf(raw.old_checkpoint, "/old_checkpoint") : null,
    consistency: has(raw, "consistency") ? list("consistency", hashOf, 64) : null,
  };
}

function readLog(value) {
  membersOf(value, "/log", ["entries", "nodes"]);
  const rows = itemsOf(value.entries, "/log/entries", readEntry, { highest: 4096 });
  rows.forEach(([index], place) => {
    if (place && index < rows[place - 1][0]) throw wrong(`/log/entries/${place}`, "the indices do not ascend");
  });
  return {
    shown: rows.map(([index, entry]) => [index, entry.leaf]),
    entries: new Map(rows),
    nodes: itemsOf(value.nodes, "/log/nodes", hashOf, { highest: 64 * Math.max(1, rows.length) }),
  };
}

function readEntry(value, pointer) {
  const [index, text] = rowOf(value, pointer, 2);
  const entry = decodeEntry(base64Of(text, `${pointer}/1`));
  if (entry === null) throw wrong(`${pointer}/1`, "no entry of the log");
  return [decimalOf(index, `${pointer}/0`), entry];
}

// One entry of the log, exactly; null for any other bytes.
function decodeEntry(bytes) {
  if (bytes.length < 86 || bytes[0] !== 1) return null;
  const count = bytes[85];
  const start = 86 + 32 * count;
  if (count > 4 || bytes.length < start + 5) return null;
  const length = Number(toNumber(bytes.slice(start, start + 4)));
  const flag = bytes[start + 4];
  const tail = bytes.slice(start + 5);
  if (flag > 1 || (flag === 1) !== length > 16_384 || tail.length !== (flag ? 32 : length)) return null;
  return {
    leaf: leafHash(bytes),
    chainId: toNumber(bytes.slice(1, 9)),
    blockNumber: toNumber(bytes.slice(9, 17)),
    blockTime: toNumber(bytes.slice(49, 57)),
    address: bytes.slice(65, 85),
    topics: Array.from({ length: count }, (_, place) => bytes.slice(86 + 32 * place, 118 + 32 * place)),
    data: flag ? null : tail,
  };
}

function readRecord(value, pointer) {
  membersOf(value, pointer, ["envelope", "receivedAtMs", "verdict", "reason", "amount", "mass", "batch", "pin"]);
  const batch = membersOf(value.batch, `${pointer}/batch`, ["count", "index", "path"]);
  return {
    envelope: readEnvelope(value.envelope, `${pointer}/envelope`),
    receivedAtMs: integerOf(value.receivedAtMs, `${pointer}/receivedAtMs`),
    verdict: integerOf(value.verdict, `${pointer}/verdict`, 1, 5),
    reason: integerOf(value.reason, `${pointer}/reason`, 0, 0xffff),
    amount: decimalOf(value.amount, `${pointer}/amount`, UINT128),
    mass: decimalOf(value.mass, `${pointer}/mass`, UINT128),
    batch: {
      count: integerOf(batch.count, `${pointer}/batch/count`, 0, 1000),
      index: integerOf(batch.index, `${pointer}/batch/index`),
      path: itemsOf(batch.path, `${pointer}/batch/path`, readNode, { highest: 10 }),
    },
    pin: decimalOf(value.pin, `${pointer}/pin`),
  };
}

function readNode(value, pointer) {
  const [hash, amount, mass] = rowOf(value, pointer, 3);
  return { hash: hashOf(hash, `${pointer}/0`), amount: decimalOf(amount, `${pointer}/1`, UINT128), mass: decimalOf(mass, `${pointer}/2`, UINT128) };
}

function readHistory(value, pointer) {
  if (isObject(value) && has(value, "other")) return readAbsence(value, pointer);
  membersOf(value, pointer, ["address", "topic", "entries", "before", "skipped", "path"]);
  const before = { count: decimalOf(value.skipped, `${pointer}/skipped`), head: hashOf(value.before, `${pointer}/before`) };
  return {
    isAbsence: false,
    isWhole: before.count === 0n,
    address: hexOf(value.address, `${pointer}/address`, 20),
    topic: hexOf(value.topic, `${pointer}/topic`, 32),
    entries: itemsOf(value.entries, `${pointer}/entries`, decimalOf, { lowest: 1, highest: 4096 }),
    before,
    path: siblingsOf(value.path, `${pointer}/path`),
  };
}

function readAbsence(value, pointer) {
  membersOf(value, pointer, ["address", "topic", "other", "path"]);
  const address = hexOf(value.address, `${pointer}/address`, 20);
  const topic = hexOf(value.topic, `${pointer}/topic`, 32);
  const path = siblingsOf(value.path, `${pointer}/path`);
  let other = null;
  if (value.other !== null) {
    const [key, count, head] = rowOf(value.other, `${pointer}/other`, 3);
    other = { key: hashOf(key, `${pointer}/other/0`), count: decimalOf(count, `${pointer}/other/1`), head: hashOf(head, `${pointer}/other/2`) };
    requireOther(subjectKey(address, topic), other.key, path, `${pointer}/other`);
  }
  return { isAbsence: true, isWhole: false, address, topic, other, path, entries: [] };
}

function readLot(value, pointer) {
  const isAbsence = isObject(value) && has(value, "other");
  membersOf(value, pointer, ["lot", "stream", "pin", "path", isAbsence ? "other" : "records"]);
  const lot = asciiOf(value.lot, `${pointer}/lot`, 256);
  const path = siblingsOf(value.path, `${pointer}/path`);
  const stream = asciiOf(value.stream, `${pointer}/stream`, 128);
  const pin = value.pin === null ? null : decimalOf(value.pin, `${pointer}/pin`);
  const key = keccak256(utf8(lot));
  if (isAbsence) return { lot, key, stream, pin, records: [], other: readOtherLot(value.other, key, path, `${pointer}/other`), path };
  if (pin === null) throw wrong(`${pointer}/pin`, "records of a stream that has no pin");
  const records = itemsOf(value.records, `${pointer}/records`, readShare, { lowest: 1, highest: 8192 });
  return { lot, key, stream, pin, records, other: null, path };
}

function asciiOf(value, pointer, highest) {
  const text = textOf(value, pointer, highest);
  // eslint-disable-next-line no-control-regex
  if (!/^[\u0000-\u007f]+$/.test(text)) throw wrong(pointer, "not ASCII text");
  return text;
}

function readOtherLot(value, lot, path, pointer) {
  if (value === null) return null;
  const [key, count, mass, head] = rowOf(value, pointer, 4);
  const other = {
    key: hashOf(key, `${pointer}/0`),
    count: decimalOf(count, `${pointer}/1`),
    mass: decimalOf(mass, `${pointer}/2`, UINT128),
    head: hashOf(head, `${pointer}/3`),
  };
  requireOther(lotKey(lot), other.key, path, pointer);
  return other;
}

function readShare(value, pointer) {
  const [recordHash, share] = rowOf(value, pointer, 2);
  return [hashOf(recordHash, `${pointer}/0`), decimalOf(share, `${pointer}/1`, UINT128)];
}

function siblingsOf(value, pointer) {
  const path = itemsOf(value, pointer, siblingOf, { highest: 256 });
  if (path.length && path[path.length - 1] === null) throw wrong(pointer, "the last sibling is empty");
  return path;
}

function requireOther(key, other, path, pointer) {
  if (!isOtherOnTheWay(key, other, path.length)) throw wrong(pointer, "the other key is the asked one, or off the path");
}

function readHeartbeat(value, pointer, records) {
  membersOf(value, pointer, ["record", "members"]);
  const record = integerOf(value.record, `${pointer}/record`, 0, records.length - 1);
  const filler = { v: 1, device: records[record].envelope.device, algorithm: "EdDSA", signature: `0x${"00".repeat(64)}` };
  const read = (one, place) => readEnvelope({ ...membersOf(one, place, SIGNED, ["payload", "payloadHash"]), ...filler }, place);
  return { record, members: itemsOf(value.members, `${pointer}/members`, read, { lowest: 1, highest: 1000 }) };
}

function readOpening(value, pointer) {
  membersOf(value, pointer, ["pointer", "value", "blinding"]);
  return { pointer: textOf(value.pointer, `${pointer}/pointer`, 512), value: textOf(value.value, `${pointer}/value`, 4096), blinding: hashOf(value.blinding, `${pointer}/blinding`) };
}

function readContent(value, pointer) {
  membersOf(value, pointer, ["cid", "sha256", "length", "media_type"]);
  textOf(value.media_type, `${pointer}/media_type`, 127);
  integerOf(value.length, `${pointer}/length`);
  return { cid: textOf(value.cid, `${pointer}/cid`, 128), sha256: hashOf(value.sha256, `${pointer}/sha256`) };
}

function distinct(histories) {
  histories.forEach((one, place) => {
    const before = histories.slice(0, place);
    if (before.some((other) => equal(other.address, one.address) && equal(other.topic, one.topic))) throw wrong(`/histories/${place}`, "the same subject twice");
  });
  return histories;
}
