// Checks a proof bundle against a network file: eighteen steps, ten answers; the same codes as `ledger_node.proof`.
import { toHex } from "./bytes.js";
import { checkBatches, checkTimes } from "./batch_steps.js";
import { readBundle } from "./bundle_reader.js";
import { Case } from "./case.js";
import { checkCheckpoint } from "./checkpoint_steps.js";
import { checkComplete } from "./complete_steps.js";
import { catalogue, conclude } from "./findings.js";
import { checkLater } from "./later_steps.js";
import { checkHistories, checkLog, checkPins } from "./log_steps.js";
import { parseNetwork } from "./network.js";
import { NoteWrong, parseNote } from "./note.js";
import { checkRecordsSigned } from "./record_steps.js";
import { checkShown } from "./shown_steps.js";
import { Refused } from "./strict_json.js";

const ABOUT_RECORDS = [1, 2, 3, 6, 9];
const ASKED = {
  record: [1, 2, 3, 4, 5, 6, 7, 8, 9],
  history: [4, 5, 7],
  lot: [4, 5, 7, 8],
  sales_day: [1, 2, 3, 4, 5, 6, 7, 8, 9],
  stream: [4, 5, 7],
  consistency: [5],
};

// Resolves to {kind, answers, steps, findings, facts, exit, verified}; rejects with Refused for a network file that
// cannot be the anchor. `now` is milliseconds or a Date, `kept` the text of a checkpoint kept before, or null.
export async function verifyBundle(bundleBytes, networkBytes, { now = Date.now(), kept = null } = {}) {
  const network = parseNetwork(asBytes(networkBytes));
  let bundle;
  try {
    bundle = readBundle(asBytes(bundleBytes));
  } catch (error) {
    if (!(error instanceof Refused)) throw error;
    const { code, why, byte, pointer } = error;
    return conclude(null, [{ step: code === "bad_member" ? 2 : 1, code, say: "no", questions: [], values: { why, byte, pointer: pointer || "/" } }], [], {});
  }
  const check = new Case(bundle, network, Number(now), readKept(kept));
  await checkCheckpoint(check);
  checkLog(check);
  checkPins(check);
  checkHistories(check);
  await checkRecordsSigned(check);
  checkBatches(check);
  checkTimes(check);
  checkLater(check);
  checkComplete(check);
  checkShown(check);
  tellFacts(check);
  const asked = bundle.records.length ? [...new Set([...ASKED[bundle.kind], ...ABOUT_RECORDS])] : ASKED[bundle.kind];
  return conclude(bundle.kind, check.findings, asked, check.facts);
}

// The SHA-256 of a network file in hex: what people compare. Rejects what cannot be the anchor.
export const networkSha256 = (networkBytes) => parseNetwork(asBytes(networkBytes)).sha256;

// {origin, size, block, text} of the checkpoint in a bundle, for keeping; null when it cannot be read.
export function checkpointOf(bundleBytes) {
  try {
    const text = readBundle(asBytes(bundleBytes)).checkpoint;
    const note = parseNote(text);
    return { origin: note.origin, size: note.size, block: note.block, text };
  } catch {
    return null;
  }
}

export { catalogue };

const asBytes = (value) => (typeof value === "string" ? new TextEncoder().encode(value) : new Uint8Array(value));

function readKept(text) {
  if (text === null) return null;
  try {
    return parseNote(text);
  } catch (error) {
    if (error instanceof NoteWrong) return null;
    throw error;
  }
}

function tellFacts(check) {
  const pinned = check.records.find((one) => one.pin);
  Object.assign(check.facts, {
    kind: check.bundle.kind,
    chain_id: check.network.chainId,
    network_sha256: check.network.sha256,
    made_at: check.bundle.raw.made_at,
    pin_block: pinned ? pinned.pin.blockNumber : check.facts.block,
    lots: check.bundle.lots.map((lot) => lot.lot),
    records: check.records.map((one) => ({
      device: one.record.envelope.device,
      kind: one.record.envelope.kind,
      stream: one.record.envelope.stream,
      sequence: one.record.envelope.sequence,
      observed_at_ms: one.record.envelope.observedAtMs,
      received_at_ms: one.record.receivedAtMs,
      verdict: one.record.verdict,
      record_hash: toHex(one.hash),
      amount: String(one.record.amount),
      mass: String(one.record.mass),
      batch_count: one.record.batch.count,
      batch_index: one.record.batch.index,
      pin_block: one.pin ? one.pin.blockNumber : null,
      pin_block_time: one.pin ? one.pin.blockTime : null,
    })),
  });
}
