// The signed record in its JSON form: exact members, and the digest that the device signed.
import { equal, byte, keccak256, sha256, toHex, uint, utf8, word, zeros } from "./bytes.js";
import { has, hexOf, integerOf, isObject, itemsOf, membersOf, wrong } from "./members.js";
import { canonical, isWellFormed } from "./strict_json.js";
import { ProofWrong, foldPath, leafHash } from "./trees.js";

const REQUIRED = ["v", "device", "stream", "sequence", "observedAtMs", "kind", "value", "exponent", "unit", "previousHash", "algorithm", "signature"];
const OPTIONAL = ["payload", "payloadHash", "keyEpoch", "queued", "clock", "bundle", "stamp"];
const BUNDLE = ["gateway", "sequence", "bundledAtMs", "count", "root", "previousHash", "index", "path"];
const STAMP = ["gateway", "receivedAtMs", "offsetMs", "algorithm", "signature"];
const SIGNATURE_BYTES = { ES256K: 65, ES256: 64, EdDSA: 64, bundle: 97 };
export const KEY_TYPES = { ES256K: 0, ES256: 1, EdDSA: 2 };
const NAME = /^[A-Za-z0-9:/._-]{1,128}$/;
const RECORD = "Record(bytes32 device,bytes32 stream,uint64 sequence,uint64 observedAtMs,bytes32 kind,int256 value,int32 exponent,bytes32 unit,bytes32 previousHash,bytes32 payloadHash)";
const BUNDLE_TYPE = "Bundle(bytes32 gateway,uint64 sequence,uint64 bundledAtMs,uint32 count,bytes32 root,bytes32 previousHash)";
const DOMAIN_TYPE = "EIP712Domain(string name,string version,uint256 chainId,address verifyingContract)";
const typeHashes = new Map();

export const nameHash = (name) => keccak256(utf8(name));

function typeHash(text) {
  if (!typeHashes.has(text)) typeHashes.set(text, keccak256(utf8(text)));
  return typeHashes.get(text);
}

export function domainSeparator(chainId, contract) {
  return keccak256(typeHash(DOMAIN_TYPE), nameHash("Tidemark"), nameHash("1"), uint(chainId, 32), zeros(12), contract);
}

export function readEnvelope(value, pointer) {
  membersOf(value, pointer, REQUIRED, OPTIONAL);
  if (value.v !== 1) throw wrong(`${pointer}/v`, "only version 1 is known");
  if (has(value, "payload") === has(value, "payloadHash")) throw wrong(`${pointer}/payload`, "is missing, or stands beside its hash");
  if (typeof value.algorithm !== "string" || !has(SIGNATURE_BYTES, value.algorithm)) throw wrong(`${pointer}/algorithm`, "not one of ES256K, ES256, EdDSA, bundle");
  const bundle = has(value, "bundle") ? readBundlePart(value.bundle, `${pointer}/bundle`) : null;
  if ((value.algorithm === "bundle") !== (bundle !== null)) throw wrong(`${pointer}/bundle`, "goes with algorithm bundle, and with no other");
  if (has(value, "queued") && typeof value.queued !== "boolean") throw wrong(`${pointer}/queued`, "not a boolean");
  if (has(value, "keyEpoch")) integerOf(value.keyEpoch, `${pointer}/keyEpoch`, 0, 0xffffffff);
  if (has(value, "clock")) checkClock(value.clock, `${pointer}/clock`);
  if (has(value, "stamp")) checkStamp(value.stamp, `${pointer}/stamp`);
  const envelope = {
    device: nameOf(value.device, `${pointer}/device`),
    stream: nameOf(value.stream, `${pointer}/stream`),
    sequence: integerOf(value.sequence, `${pointer}/sequence`, 1),
    observedAtMs: integerOf(value.observedAtMs, `${pointer}/observedAtMs`, 1),
    kind: nameOf(value.kind, `${pointer}/kind`),
    value: valueOf(value.value, `${pointer}/value`),
    exponent: integerOf(value.exponent, `${pointer}/exponent`, -128, 127),
    unit: nameOf(value.unit, `${pointer}/unit`),
    previousHash: hexOf(value.previousHash, `${pointer}/previousHash`, 32),
    algorithm: value.algorithm,
    signature: hexOf(value.signature, `${pointer}/signature`, SIGNATURE_BYTES[value.algorithm]),
    bundle,
    payload: null,
  };
  if (has(value, "payloadHash")) envelope.payloadHash = hexOf(value.payloadHash, `${pointer}/payloadHash`, 32);
  else {
    envelope.payload = value.payload;
    envelope.payloadHash = keccak256(payloadBytes(value.payload, `${pointer}/payload`));
  }
  return envelope;
}

function nameOf(value, pointer) {
  if (typeof value !== "string" || !NAME.test(value)) throw wrong(pointer, "not a name of 1 to 128 of A–Z a–z 0–9 : / . _ -");
  return value;
}

function valueOf(value, pointer) {
  if (typeof value !== "string" || !/^(?:0|-?[1-9][0-9]{0,18})$/.test(value)) throw wrong(pointer, "not a decimal string");
  const number = BigInt(value);
  if (number < -(1n << 63n) || number >= 1n << 63n) throw wrong(pointer, "does not fit 64 bits");
  return number;
}

function readBundlePart(value, pointer) {
  membersOf(value, pointer, BUNDLE);
  return {
    gateway: nameOf(value.gateway, `${pointer}/gateway`),
    sequence: integerOf(value.sequence, `${pointer}/sequence`, 1),
    bundledAtMs: integerOf(value.bundledAtMs, `${pointer}/bundledAtMs`, 1),
    count: integerOf(value.count, `${pointer}/count`, 0, 0xffffffff),
    root: hexOf(value.root, `${pointer}/root`, 32),
    previousHash: hexOf(value.previousHash, `${pointer}/previousHash`, 32),
    index: integerOf(value.index, `${pointer}/index`, 0, 0xffffffff),
    path: itemsOf(value.path, `${pointer}/path`, (one, place) => hexOf(one, place, 32), { highest: 1 << 20 }),
  };
}

function checkClock(value, pointer) {
  membersOf(value, pointer, ["source", "offset_ms", "accuracy_ms"]);
  if (!["ntp", "gateway", "rtc"].includes(value.source)) throw wrong(`${pointer}/source`, "not one of ntp, gateway, rtc");
  integerOf(value.offset_ms, `${pointer}/offset_ms`, -Number.MAX_SAFE_INTEGER);
  integerOf(value.accuracy_ms, `${pointer}/accuracy_ms`);
}

function checkStamp(value, pointer) {
  membersOf(value, pointer, STAMP);
  if (typeof value.algorithm !== "string" || !has(KEY_TYPES, value.algorithm)) throw wrong(`${pointer}/algorithm`, "not one of ES256K, ES256, EdDSA");
  hexOf(value.signature, `${pointer}/signature`, SIGNATURE_BYTES[value.algorithm]);
  nameOf(value.gateway, `${pointer}/gateway`);
  integerOf(value.receivedAtMs, `${pointer}/receivedAtMs`, 1);
  integerOf(value.offsetMs, `${pointer}/offsetMs`, -Number.MAX_SAFE_INTEGER);
}

// Canonical JSON as devices sign it: integers only, ASCII keys, depth 8, 16 KiB.
function payloadBytes(value, pointer) {
  if (!isObject(value)) throw wrong(pointer, "not an object");
  checkTree(value, pointer, 1);
  const bytes = utf8(canonical(value));
  if (bytes.length > 16_384) throw wrong(pointer, "more than 16384 bytes");
  return bytes;
}

function checkTree(value, pointer, depth) {
  if (typeof value === "number") {
    if (!Number.isSafeInteger(value)) throw wrong(pointer, "not an integer up to 2^53 − 1");
  } else if (typeof value === "string") {
    if (!isWellFormed(value)) throw wrong(pointer, "a lone surrogate");
  } else if (typeof value === "object" && value !== null) {
    if (depth > 8) throw wrong(pointer, "nested deeper than 8");
    for (const [name, member] of Object.entries(value)) {
      // eslint-disable-next-line no-control-regex
      if (!Array.isArray(value) && !/^[\u0000-\u007f]*$/.test(name)) throw wrong(pointer, "a key that is not ASCII text");
      checkTree(member, `${pointer}/${name}`, depth + 1);
    }
  }
}

const typed = (separator, struct) => keccak256(Uint8Array.of(0x19, 0x01), separator, struct);

export function recordDigest(separator, one) {
  return typed(
    separator,
    keccak256(
      typeHash(RECORD),
      nameHash(one.device),
      nameHash(one.stream),
      word(one.sequence),
      word(one.observedAtMs),
      nameHash(one.kind),
      word(one.value),
      word(one.exponent),
      nameHash(one.unit),
      one.previousHash,
      one.payloadHash,
    ),
  );
}

export function bundleDigest(separator, part) {
  const struct = [nameHash(part.gateway), word(part.sequence), word(part.bundledAtMs), word(part.count), part.root, part.previousHash];
  return typed(separator, keccak256(typeHash(BUNDLE_TYPE), ...struct));
}

export function isInBundle(digest, part) {
  if (part.index >= part.count || part.count > 50) return false;
  try {
    return equal(foldPath(leafHash(digest), part.index, part.count, part.path), part.root);
  } catch (error) {
    if (error instanceof ProofWrong) return false;
    throw error;
  }
}

export function recordHash(digest, signature, receivedAtMs, verdict, reason) {
  return sha256(byte(2), digest, sha256(signature), uint(receivedAtMs, 8), byte(verdict), uint(reason, 2));
}

export const hex = (bytes) => `0x${toHex(bytes)}`;
