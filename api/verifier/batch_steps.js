// Steps 13 to 15: the record in its batch and sums, its verdict, its times.
import { equal, toHex } from "./bytes.js";
import { recordDigest } from "./envelope.js";
import { isObject } from "./members.js";
import { isCounted } from "./case.js";
import { KINDS, statedFacts, statedValue } from "./stated.js";
import { ProofWrong, foldSums, sumLeaf } from "./trees.js";

const TOLERANCE_MS = 60_000n;
const VERDICTS = ["", "ACCEPTED", "ACCEPTED_LATE", "QUARANTINED", "REJECTED", "FORKED"];
const BY_VALUE_AMOUNT = ["sale", "void", "refund", "settlement", "sales_day"];
const BY_VALUE_MASS = ["intake", "waste", "transfer"];

export function checkBatches(check) {
  const claims = check.claims();
  for (const one of check.records) {
    if (one.payload !== null) one.facts = statedFacts(one.record.envelope.kind, one.payload);
    checkSumOfRecord(check, one);
    checkPath(check, one);
  }
  for (const one of claims) {
    const { verdict, reason } = one.record;
    if (!isCounted(verdict)) check.no(14, "verdict_not_accepted", [3], { verdict: VERDICTS[verdict], reason });
  }
}

function checkSumOfRecord(check, one) {
  const { record } = one;
  const { envelope } = record;
  if (!KINDS.includes(envelope.kind) || (one.payload !== null && one.facts === null)) {
    check.cannotTell(13, "sum_not_of_record", [3], { field: "amount", a: record.amount, b: "?" });
    return;
  }
  let [amount, mass] = [0n, 0n];
  if (isCounted(record.verdict) && !isUnsummed(check, envelope.stream)) {
    if (one.facts !== null) ({ amount, mass } = one.facts);
    else {
      // With the payload withheld the signed value still says one of the two.
      amount = BY_VALUE_AMOUNT.includes(envelope.kind) ? envelope.value : 0n;
      mass = BY_VALUE_MASS.includes(envelope.kind) ? envelope.value : amount ? null : 0n;
    }
  }
  const stated = one.payload === null ? null : statedValue(envelope.kind, one.payload);
  if (record.amount !== amount) check.no(13, "sum_not_of_record", [3], { field: "amount", a: record.amount, b: amount });
  else if (mass !== null && record.mass !== mass) check.no(13, "sum_not_of_record", [3], { field: "mass", a: record.mass, b: mass });
  else if (stated !== null && stated !== envelope.value) check.no(13, "sum_not_of_record", [3], { field: "amount", a: envelope.value, b: stated });
}

function isUnsummed(check, stream) {
  const history = check.streamHistory(stream);
  const events = history && !history.isAbsence ? check.eventsOf(history) : [];
  return events.some(([, event]) => event?.name === "StreamOpened" && (event.arguments[4] & 2n) !== 0n);
}

function checkPath(check, one) {
  const { record, header } = one;
  let root;
  try {
    root = foldSums(sumLeaf(one.hash, record.amount, record.mass), record.batch.index, record.batch.count, record.batch.path);
  } catch (error) {
    if (!(error instanceof ProofWrong)) throw error;
    check.no(13, "record_not_in_batch", [3]);
    return;
  }
  if (header === null) check.cannotTell(13, "record_not_in_batch", [3]);
  else if (!equal(header.root, root.hash) || header.count !== BigInt(record.batch.count)) check.no(13, "record_not_in_batch", [3]);
  else if (header.amount !== root.amount || header.mass !== root.mass) {
    check.no(13, "sums_differ", [3], { a: `${root.amount}, ${root.mass}`, b: `${header.amount}, ${header.mass}` });
  }
}

export function checkTimes(check) {
  for (const one of check.records) {
    const [observed, received] = [BigInt(one.record.envelope.observedAtMs), BigInt(one.record.receivedAtMs)];
    const pinned = one.pin ? one.pin.blockTime * 1000n : null;
    if (observed > received + TOLERANCE_MS) check.no(15, "times_do_not_fit", [6], { a: observed, event: "receipt by the node", b: received });
    if (pinned === null) check.cannotTell(15, "times_do_not_fit", [6], { a: received, event: "the pin's block", b: "?" });
    else if (received > pinned + TOLERANCE_MS) check.no(15, "times_do_not_fit", [6], { a: received, event: "the pin's block", b: pinned });
  }
  for (const run of check.bundle.heartbeats) checkHeartbeat(check, run);
}

// The members lead from a heartbeat to the record, and the heartbeat's checkpoint is older than the record.
function checkHeartbeat(check, run) {
  const target = check.records[run.record].record.envelope;
  const [first] = run.members;
  const old = check.oldNote;
  const leads = run.members.every((member, place) => {
    const next = run.members[place + 1] ?? target;
    return equal(recordDigest(check.network.separator, member), next.previousHash);
  });
  const named = first.payload?.checkpoint;
  const values = { a: target.observedAtMs, event: "the checkpoint of the heartbeat" };
  const isNamed = leads && first.kind === "heartbeat" && isObject(named) && old !== null;
  if (!isNamed || !Number.isSafeInteger(named.size) || BigInt(named.size) !== old.size || named.root !== `0x${toHex(old.root)}`) {
    check.cannotTell(15, "times_do_not_fit", [6], { b: "?", ...values });
    return;
  }
  let existed = 0n;
  for (const [index, entry] of check.entries) if (index < old.size && entry.blockTime > existed) existed = entry.blockTime;
  if (BigInt(target.observedAtMs) + TOLERANCE_MS < existed * 1000n) check.no(15, "times_do_not_fit", [6], { b: existed * 1000n, ...values });
}
