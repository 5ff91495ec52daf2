// Step 18: values shown behind commitments, files that the records name, time stamps.
import { hmac } from "@noble/hashes/hmac.js";
import { sha256 as sha256Hash } from "@noble/hashes/sha2.js";
import { concat, equal, fromHex, sha256, toHex, utf8 } from "./bytes.js";
import { has, isObject } from "./members.js";

const LETTERS = "abcdefghijklmnopqrstuvwxyz234567";
const IMPRINTS = ["300d060960864801650304020105000420", "300b06096086480165030402010420"].map(fromHex);

export function checkShown(check) {
  for (const opening of check.bundle.openings) if (!opens(check, opening)) check.no(18, "opening_wrong", [9], { pointer: opening.pointer });
  for (const content of check.bundle.contents) if (!isRecorded(check, content)) check.no(18, "content_altered", [9], { cid: content.cid });
  if (check.note) for (const token of check.bundle.timestamps) if (!stamps(token, utf8(check.note.text))) check.no(18, "timestamp_bad", [6]);
}

function opens(check, opening) {
  const committed = atPointer(check.bundle.raw, opening.pointer);
  const shown = toHex(hmac(sha256Hash, opening.blinding, utf8(opening.value)));
  return opening.pointer.startsWith("/records/") && typeof committed === "string" && committed.replace(/^0x/, "") === shown;
}

function atPointer(value, pointer) {
  let found = value;
  for (const part of pointer.split("/").slice(1)) {
    const name = part.replaceAll("~1", "/").replaceAll("~0", "~");
    if (isObject(found) && has(found, name)) found = found[name];
    else if (Array.isArray(found) && /^(?:0|[1-9][0-9]{0,5})$/.test(name) && Number(name) < found.length) found = found[Number(name)];
    else return undefined;
  }
  return found;
}

// A raw CID must hold the file's SHA-256, and a shown record or event must name the file.
function isRecorded(check, content) {
  const digest = cidDigest(content.cid);
  if (digest && !equal(digest, content.sha256)) return false;
  if (check.records.some((one) => mentions(one.payload, content.cid))) return true;
  return [...check.entries.values()].some((entry) => entry.data !== null && includes(entry.data, content.sha256));
}

function mentions(value, text) {
  if (typeof value === "object" && value !== null) return Object.values(value).some((member) => mentions(member, text));
  return value === text;
}

function includes(bytes, part) {
  for (let place = 0; place + part.length <= bytes.length; place += 1) {
    if (equal(bytes.slice(place, place + part.length), part)) return true;
  }
  return false;
}

// The SHA-256 inside a raw CIDv1 in base32; null for any other CID.
function cidDigest(cid) {
  if (!/^b[a-z2-7]{58}$/.test(cid)) return null;
  let bits = 0n;
  for (const letter of cid.slice(1)) bits = (bits << 5n) | BigInt(LETTERS.indexOf(letter));
  if (bits & 3n) return null;
  const text = (bits >> 2n).toString(16).padStart(72, "0");
  return text.startsWith("01551220") ? fromHex(text.slice(8)) : null;
}

// Whether the token's message imprint is the checkpoint's text. Nothing is built on a time stamp.
function stamps(token, message) {
  const imprint = sha256(message);
  return token[0] === 0x30 && IMPRINTS.some((form) => includes(token, concat(form, imprint)));
}
