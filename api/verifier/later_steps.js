// Step 16: what came later and takes a record, a lot or a day back, as far as the shown histories say.
import { fromHex, toHex } from "./bytes.js";
import { isCounted } from "./case.js";

const FAIL = 2n;
const NAMED = { LotRegistered: 9, CertificateAttested: 9, LabReportAttested: 8 };

export function checkLater(check) {
  for (const one of check.claims()) {
    checkVoids(check, one);
    checkReverdicts(check, one);
  }
  for (const lot of lotsAsked(check)) {
    checkTests(check, lot);
    checkAttestations(check, lot);
    checkLotState(check, lot);
  }
  for (const stream of new Set(check.records.map((one) => one.record.envelope.stream))) checkStream(check, stream);
}

// The keys (hex) of the lots that the claims name, and those that lot proofs are about.
export function lotsAsked(check) {
  const named = check.claims().flatMap((one) => (one.facts ? [...one.facts.lots.keys()] : []));
  return [...new Set([...named, ...check.bundle.lots.map((lot) => toHex(lot.key))])];
}

function counted(check, ...kinds) {
  return check.records
    .filter((one) => kinds.includes(one.record.envelope.kind) && one.payload !== null && isCounted(one.record.verdict))
    .sort((a, b) => a.record.envelope.observedAtMs - b.record.envelope.observedAtMs || a.number - b.number);
}

const blockOf = (one) => (one.pin ? one.pin.blockNumber : "?");

function checkVoids(check, claim) {
  const sale = claim.payload?.sale_id;
  for (const one of counted(check, "void")) {
    if (sale !== undefined && sale !== null && same(one.payload.of, sale)) {
      check.no(16, "voided", [8], { what: "record voided", n: blockOf(one), reason: one.payload.reason });
    }
  }
}

const same = (left, right) => left !== undefined && JSON.stringify(left) === JSON.stringify(right);

function checkReverdicts(check, claim) {
  const changed = counted(check, "reverdict").filter((one) => one.payload.of === `0x${toHex(claim.hash)}`);
  const last = changed[changed.length - 1];
  if (last && last.payload.verdict !== 1 && last.payload.verdict !== 2) {
    check.no(16, "superseded", [8], { what: "verdict changed", n: blockOf(last), reason: last.payload.reason });
  }
}

// A FAIL or a hold counts until a release that names the lot.
function checkTests(check, lot) {
  let fault = null;
  for (const one of counted(check, "test", "retest", "hold", "release")) {
    if (!one.facts?.lots.has(lot)) continue;
    const { kind, value } = one.record.envelope;
    if (kind === "release") fault = null;
    else if (kind === "hold") fault ??= ["lot on hold", one];
    else if (value === FAIL) fault = ["lot failed a test", one];
  }
  if (fault) {
    const [what, one] = fault;
    check.no(16, "recalled", [8], { what, n: blockOf(one), reason: one.payload.project || one.payload.reason });
  }
}

function checkAttestations(check, lot) {
  const history = check.history("attestation", fromHex(lot));
  if (!history || (!history.isAbsence && !history.isWhole)) {
    check.cannotTell(11, "history_incomplete", [7, 8], { subject: `0x${lot}` });
    return;
  }
  const live = new Map();
  for (const [index, event] of check.eventsOf(history)) {
    if (!event) {
      check.cannotTell(11, "history_incomplete", [8], { subject: `0x${lot}` });
      return;
    }
    fold(check, live, check.entries.get(index).blockNumber, event);
  }
  for (const [block, event] of live.values()) {
    if (isFailedReport(event)) check.no(16, "recalled", [8], { what: "lab report failed", n: block, reason: event.arguments[3] });
  }
}

function fold(check, live, block, event) {
  const uid = event.noun === "attestation" ? toHex(event.arguments[2]) : "";
  if (event.name in NAMED) {
    live.delete(toHex(event.arguments[NAMED[event.name]]));
    // Python's dict keeps the place of a key that is set again; so does Map.
    live.set(uid, [block, event]);
  } else if (event.name === "AttestationVoided" || event.name === "AttestationRevokedByAttester") {
    const ended = live.get(uid);
    live.delete(uid);
    // A failed report that is ended no longer speaks against the lot.
    if (!ended || isFailedReport(ended[1])) return;
    if (event.name === "AttestationVoided") check.no(16, "voided", [8], { what: "attestation voided", n: block, reason: event.arguments[3] });
    else check.no(16, "revoked", [8], { what: "attestation revoked", n: block, reason: ended[1].name });
  }
}

const isFailedReport = (event) => event.name === "LabReportAttested" && event.arguments[3] === FAIL;

function checkLotState(check, lot) {
  const history = check.history("lot", fromHex(lot));
  if (!history || history.isAbsence) return;
  const states = check.eventsOf(history).filter(([, event]) => event?.name === "LotStateSet");
  if (!states.length) return;
  const [index, event] = states[states.length - 1];
  const values = { n: check.entries.get(index).blockNumber, reason: event.arguments[1] };
  if (event.arguments[1] === 3n || event.arguments[1] === 4n) check.no(16, "recalled", [8], { what: "lot on hold", ...values });
  else if (event.arguments[1] === 2n) check.no(16, "disputed", [8], { what: "lot disputed", ...values });
}

function checkStream(check, stream) {
  const history = check.streamHistory(stream);
  if (!history || history.isAbsence) return;
  const pins = check.records.filter((one) => one.pin && one.record.envelope.stream === stream).map((one) => toHex(one.pin.topics[2]));
  for (const [index, event] of check.eventsOf(history)) {
    if (event?.name === "StreamFlagged" && pins.includes(event.arguments[1].toString(16).padStart(64, "0"))) {
      check.no(16, "disputed", [8], { what: "stream disputed", n: check.entries.get(index).blockNumber, reason: event.arguments[1] });
    }
  }
}
