// Steps 10 and 12: who signed each record, and whether that key was good at that time.
import { equal } from "./bytes.js";
import { KEY_TYPES, bundleDigest, isInBundle, nameHash } from "./envelope.js";
import { EventWrong, deviceState } from "./events.js";
import { keyHash, verifyDeviceSignature } from "./keys.js";
import { statedValue } from "./stated.js";

const SCALE = 1n;
const WEIGHED_KINDS = ["sale", "void", "refund", "intake", "waste", "transfer", "reweigh"];

export async function checkRecordsSigned(check) {
  for (const one of check.records) {
    const { envelope } = one.record;
    const device = stateOf(check, envelope.device);
    if (!device) continue;
    if (envelope.bundle === null) await checkOwnSignature(check, one, device);
    else {
      await checkGatewaySignature(check, one);
      checkStatus(check, device, envelope.observedAtMs);
    }
    checkMetrology(check, device, envelope);
  }
}

function stateOf(check, name) {
  const topic = nameHash(name);
  const history = check.history("device", topic);
  const event = history && !history.isAbsence ? check.event(history.entries[history.entries.length - 1]) : null;
  if (event?.noun === "device" && equal(event.arguments[0], topic)) {
    try {
      const state = deviceState(event);
      if (state.keys.length) return state;
    } catch (error) {
      if (!(error instanceof EventWrong)) throw error;
    }
  }
  check.cannotTell(11, "history_incomplete", [1, 2], { subject: name });
  return null;
}

async function checkOwnSignature(check, one, device) {
  const { envelope } = one.record;
  const at = checkStatus(check, device, envelope.observedAtMs);
  const signed = (key) => hasSigned(key, envelope.algorithm, one.digest, envelope.signature);
  if (await signed(at.key)) return;
  for (const key of device.keys) {
    // Genuine, but by a key that was not in force when the record says it was made.
    if (await signed(key)) {
      if (at.status === "active") refuseKey(check, envelope.observedAtMs, "retired", at.key.from);
      return;
    }
  }
  refuseSignature(check, one);
}

async function hasSigned(key, algorithm, digest, signature) {
  return KEY_TYPES[algorithm] === key.type && equal(keyHash(key.publicKey), key.keyHash) && verifyDeviceSignature(key.type, key.publicKey, digest, signature);
}

function refuseSignature(check, one) {
  const { envelope } = one.record;
  const stated = one.payload === null ? null : statedValue(envelope.kind, one.payload);
  if (stated !== null && stated !== envelope.value) check.no(10, "payload_altered", [1, 9]);
  else check.no(10, "signature_bad", [1]);
}

async function checkGatewaySignature(check, one) {
  const { envelope } = one.record;
  const part = envelope.bundle;
  const gateway = stateOf(check, part.gateway);
  if (!gateway) return;
  const at = checkStatus(check, gateway, part.bundledAtMs);
  const digest = bundleDigest(check.network.separator, part);
  const fits = equal(envelope.signature.slice(0, 32), digest) && isInBundle(one.digest, part);
  if (!fits || !(await hasSigned(at.key, "ES256K", digest, envelope.signature.slice(32)))) refuseSignature(check, one);
}

function checkStatus(check, device, atMs) {
  const time = BigInt(Math.floor(atMs / 1000));
  const at = keyAt(device, time);
  if (at.status !== "active") refuseKey(check, atMs, at.status, at.since);
  return at;
}

// The key and status at a second; outside every epoch the nearest key.
function keyAt(device, time) {
  let epoch = -1;
  let [low, high] = [0, device.keys.length];
  while (low < high) {
    const middle = (low + high) >> 1;
    if (device.keys[middle].from <= time) low = middle + 1;
    else high = middle;
  }
  epoch = low - 1;
  if (epoch < 0) return { key: device.keys[0], status: "pending", since: device.keys[0].to };
  const key = device.keys[epoch];
  const revoked = [device.revokedFrom, key.invalidFrom].filter((from) => from);
  if (revoked.some((from) => time >= from)) return { key, status: "revoked", since: revoked.reduce((a, b) => (a < b ? a : b)) };
  const pause = device.suspensions.find((one) => one.from <= time && (one.to === 0n || time < one.to));
  if (pause) return { key, status: "suspended", since: pause.from };
  if (key.to && time >= key.to) return { key, status: "retired", since: key.to };
  return { key, status: "active", since: key.from };
}

function refuseKey(check, atMs, state, since) {
  check.no(12, "key_not_valid", [2], { time: timeText(Math.floor(atMs / 1000)), state, since: timeText(Number(since)) });
}

// What a scale weighed counts only within its verification, as ingest judges it.
function checkMetrology(check, device, envelope) {
  const time = BigInt(Math.floor(envelope.observedAtMs / 1000));
  const begun = device.verifications.filter((one) => one.until !== 0n && one.from <= time);
  const newest = begun[begun.length - 1];
  if (device.deviceClass === SCALE && WEIGHED_KINDS.includes(envelope.kind) && !(newest && time < newest.until)) {
    check.no(12, "metrology_expired", [2], { date: timeText(Number(newest?.until ?? 0n)).slice(0, 10) });
  }
}

const timeText = (seconds) => new Date(Math.min(seconds, 253_402_300_799) * 1000).toISOString().replace(".000Z", "Z");
