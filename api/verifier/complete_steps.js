// Step 17: that nothing is left out of a lot, a merchant's days or a stream.
import { equal, toHex } from "./bytes.js";
import { OPENED_KINDS, siblingStream, streamKind } from "./case.js";
import { nameHash } from "./envelope.js";
import { pinHeader } from "./events.js";
import { lotsAsked } from "./later_steps.js";
import { ProofWrong, absenceRoot, lotKey, lotLeaf, lotRoot } from "./trees.js";

const EMPTY = new Uint8Array(32);

export function checkComplete(check) {
  const { kind, histories, lots } = check.bundle;
  for (const lot of lots) checkLot(check, lot);
  if (kind === "record" || kind === "sales_day") checkTestsShown(check);
  if (kind === "sales_day") checkDays(check);
  if (kind === "stream") checkStream(check);
  if (kind === "lot") checkEveryStream(check);
  if (kind === "history") {
    for (const one of histories) {
      if (!one.isAbsence && !one.isWhole) leftOut(check, `0x${toHex(one.topic)}`, one.before.count, one.before.count + BigInt(one.entries.length));
    }
  }
}

const leftOut = (check, subject, n, m) => check.cannotTell(17, "left_out", [7, 8], { n, m, subject });
const provenLeftOut = (check, subject, n, m) => check.no(17, "left_out", [7], { n, m, subject });

function checkLot(check, lot) {
  if (!isLastPin(check, lot)) {
    leftOut(check, lot.stream, "?", "?");
    return;
  }
  const event = lot.pin === null ? null : check.event(lot.pin);
  const expected = event === null ? EMPTY : pinHeader(event).lots;
  const root = rootOf(lot);
  if (root === null || !equal(root, expected)) {
    provenLeftOut(check, lot.stream, "?", lot.records.length);
    return;
  }
  if (OPENED_KINDS.includes(streamKind(lot.stream))) {
    const shown = new Set(check.records.filter((one) => one.record.envelope.stream === lot.stream).map((one) => toHex(one.hash)));
    const missing = lot.records.filter(([hash]) => !shown.has(toHex(hash))).length;
    if (missing) {
      provenLeftOut(check, lot.stream, missing, lot.records.length);
      leftOut(check, lot.stream, missing, lot.records.length);
    }
  }
}

function rootOf(lot) {
  try {
    return lot.records.length ? lotRoot(lot.key, lot.records, lot.path) : absenceRoot(lotKey(lot.key), lot.other, lot.path, lotLeaf);
  } catch (error) {
    if (error instanceof ProofWrong) return null;
    throw error;
  }
}

// Whether the stream's history shows that its last pin is the one named, or that it has none.
function isLastPin(check, lot) {
  const history = check.streamHistory(lot.stream);
  if (!history) return false;
  if (history.isAbsence) return lot.pin === null;
  const pins = check.eventsOf(history).filter(([, event]) => event?.name === "Pinned");
  if (lot.pin === null) return history.isWhole && !pins.length;
  return pins.length > 0 && pins[pins.length - 1][0] === lot.pin;
}

// For every lot that a claim names, the test stream of its market must be shown.
function checkTestsShown(check) {
  const shown = new Set(check.bundle.lots.map((lot) => `${toHex(lot.key)} ${lot.stream}`));
  for (const one of check.claims()) {
    const { kind, stream } = one.record.envelope;
    const wanted = siblingStream(stream, "test");
    if (one.payload === null && kind !== "sales_day") leftOut(check, stream, "?", "?");
    for (const key of one.facts?.lots.keys() ?? []) if (!shown.has(`${key} ${wanted}`)) leftOut(check, wanted, "?", "?");
  }
}

// Kind `lot`: every stream of the market that the chain knows has its lot proof.
function checkEveryStream(check) {
  const { lots } = check.bundle;
  if (!lots.length) return;
  const market = lots[0].stream.slice(0, Math.max(0, lots[0].stream.lastIndexOf("/")));
  const history = check.streamHistory(market);
  if (!history || history.isAbsence || !history.isWhole) {
    leftOut(check, market, "?", "?");
    return;
  }
  const opened = new Set(
    check
      .eventsOf(history)
      .filter(([, event]) => event?.name === "StreamOpened")
      .map(([, event]) => toHex(event.arguments[0])),
  );
  for (const key of lotsAsked(check)) {
    const shown = new Set(lots.filter((lot) => toHex(lot.key) === key).map((lot) => toHex(nameHash(lot.stream))));
    const missing = [...opened].filter((stream) => !shown.has(stream)).length;
    if (missing) provenLeftOut(check, market, missing, opened.size);
  }
}

// Kind `stream`: the pins are numbered without a hole, from the first where the history is whole.
function checkStream(check) {
  for (const history of check.bundle.histories) {
    if (history.isAbsence || !equal(history.address, check.network.address("trace"))) continue;
    const events = check.eventsOf(history).map(([, event]) => event);
    const numbers = events.filter((event) => event?.name === "Pinned").map((event) => event.arguments[1]);
    const start = history.isWhole || !numbers.length ? 1n : numbers[0];
    const subject = `0x${toHex(history.topic)}`;
    if (events.includes(null) || numbers.some((number, place) => number !== start + BigInt(place))) provenLeftOut(check, subject, "?", numbers.length);
    else if (!history.isWhole) leftOut(check, subject, history.before.count, history.before.count + BigInt(events.length));
  }
}

// Kind `sales_day`: the merchant's chain without a hole up to the newest pin, device runs that join.
function checkDays(check) {
  const days = check.claims().filter((one) => one.record.envelope.kind === "sales_day");
  days.slice(1).forEach((later, place) => checkLink(check, days[place], later));
  if (!days.length || !isInNewestPin(check, days[days.length - 1])) leftOut(check, "sales_day", "?", "?");
  for (const one of days) {
    for (const run of runsOf(one).values()) {
      const sum = run.sales + run.refunds + run.voids + run.other + run.missing;
      if (run.last_sequence && run.last_sequence - run.first_sequence + 1 !== sum) provenLeftOut(check, run.device, "?", sum);
    }
  }
}

function checkLink(check, earlier, later) {
  if (!earlier.facts || !later.facts) {
    leftOut(check, "sales_day", "?", "?");
    return;
  }
  if (later.payload.index !== earlier.payload.index + 1 || later.payload.previous_hash !== `0x${toHex(earlier.hash)}`) {
    provenLeftOut(check, "sales_day", "?", "?");
    return;
  }
  if (earlier.payload.day < later.payload.day) {
    const [before, after] = [runsOf(earlier), runsOf(later)];
    for (const device of [...before.keys()].filter((name) => after.has(name)).sort()) {
      const [last, first] = [before.get(device).last_sequence, after.get(device).first_sequence];
      if (last && first && first !== last + 1) provenLeftOut(check, device, first - last - 1, first - last);
    }
  }
}

const runsOf = (one) => new Map(one.facts ? one.payload.devices.map((run) => [run.device, run]) : []);

function isInNewestPin(check, day) {
  const history = check.streamHistory(day.record.envelope.stream);
  if (!history || history.isAbsence) return false;
  const pins = check.eventsOf(history).filter(([, event]) => event?.name === "Pinned" && pinHeader(event).count > 0n);
  return pins.length > 0 && pins[pins.length - 1][0] === day.record.pin;
}
