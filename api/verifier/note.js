// Checkpoints as C2SP signed notes, and the policy that says which logs and witnesses count.
import { byte, concat, equal, fromBase64, fromHex, sha256, toHex, toNumber, utf8 } from "./bytes.js";
import { verifyNoteSignature } from "./keys.js";

export class NoteWrong extends Error {}

const EXTENSIONS = ["chain", "block", "subjects", "actions"];
const NUMBER = /^(?:0|[1-9][0-9]{0,19})$/;
// eslint-disable-next-line no-control-regex
const NO_NAME = /[\u0000-\u0020\u007f\u0085\u00a0\u1680\u2000-\u200a\u2028\u2029\u202f\u205f\u3000+]/;
const isKeyName = (name) => name !== "" && !NO_NAME.test(name);

export function parseNote(text) {
  if (utf8(text).length > 65_536) throw new NoteWrong("longer than 65536 bytes");
  // eslint-disable-next-line no-control-regex
  if (/[\u0000-\u0009\u000b-\u001f]/.test(text)) throw new NoteWrong("a control character");
  const parts = text.split("\n\n");
  if (parts.length !== 2 || text.endsWith("\n\n") || text.startsWith("\n")) {
    throw new NoteWrong("exactly one empty line must stand between text and signatures");
  }
  return { text: `${parts[0]}\n`, ...parseText(parts[0]), lines: parseLines(parts[1]) };
}

function parseText(text) {
  const lines = text.split("\n");
  if (lines.some((line) => line === "")) throw new NoteWrong("an empty line in the text");
  if (lines.length < 7) throw new NoteWrong(`${lines.length} lines where at least 7 belong`);
  if (!isKeyName(lines[0]) || utf8(lines[0]).length > 255) throw new NoteWrong("an origin with a space, a + or over 255 bytes");
  const values = EXTENSIONS.map((name, place) => {
    const line = lines[3 + place];
    if (!line.startsWith(`${name} `)) throw new NoteWrong(`the line '${name}' is missing or out of order`);
    return line.slice(name.length + 1);
  });
  if (lines.slice(7).some((line) => EXTENSIONS.includes(line.split(" ")[0]))) throw new NoteWrong("an extension line twice");
  const block = /^(0|[1-9][0-9]{0,19}) 0x([0-9a-f]{64})$/.exec(values[1]);
  const actions = /^(0|[1-9][0-9]{0,19}) (\S+)$/.exec(values[3]);
  if (!block || !actions) throw new NoteWrong("the line 'block' or 'actions' has another form");
  numberOf(actions[1], (1n << 64n) - 1n, "actions");
  noteHash(actions[2], "actions");
  return {
    origin: lines[0],
    size: numberOf(lines[1], (1n << 63n) - 1n, "size"),
    root: noteHash(lines[2], "root"),
    chainId: numberOf(values[0], (1n << 64n) - 1n, "chain"),
    block: numberOf(block[1], (1n << 64n) - 1n, "block"),
    blockHash: fromHex(block[2]),
    subjects: noteHash(values[2], "subjects"),
  };
}

function parseLines(text) {
  if (!text.endsWith("\n")) throw new NoteWrong("the last line does not end with a newline");
  const lines = text.slice(0, -1).split("\n");
  if (lines.length > 128) throw new NoteWrong("more than 128 signature lines");
  return lines.map((line) => {
    const place = line.indexOf(" ", 2);
    const name = place < 0 ? "" : line.slice(2, place);
    if (!line.startsWith("\u2014 ") || !isKeyName(name)) throw new NoteWrong("a signature line without name or signature");
    const bytes = fromBase64(line.slice(place + 1));
    if (!bytes || bytes.length < 5) throw new NoteWrong("a signature line without a signature");
    return { name, keyId: toHex(bytes.slice(0, 4)), signature: bytes.slice(4) };
  });
}

function numberOf(text, highest, what) {
  if (!NUMBER.test(text) || BigInt(text) > highest) throw new NoteWrong(`${what} is not a number in range`);
  return BigInt(text);
}

function noteHash(text, what) {
  const bytes = fromBase64(text);
  if (!bytes || bytes.length !== 32) throw new NoteWrong(`${what} is not 32 bytes in base64`);
  return bytes;
}

const linesOf = (note, key) => note.lines.filter((line) => line.name === key.name && line.keyId === key.keyId);

export async function logSignatureFits(note, keys) {
  let found = false;
  for (const key of keys.filter((one) => one.name === note.origin)) {
    for (const line of linesOf(note, key)) {
      if (!(await verifyNoteSignature(key.publicKey, utf8(note.text), line.signature))) return false;
      found = true;
    }
  }
  return found;
}

// The times of a witness's valid cosignatures; null when a line of its name and id does not verify.
export async function cosignatureTimes(note, key) {
  const times = [];
  for (const line of linesOf(note, key)) {
    if (line.signature.length !== 72) return null;
    const time = toNumber(line.signature.slice(0, 8));
    const message = utf8(`cosignature/v1\ntime ${time}\n${note.text}`);
    if (!(await verifyNoteSignature(key.publicKey, message, line.signature.slice(8)))) return null;
    times.push(time);
  }
  return times;
}

// A policy text. Throws NoteWrong with the line.
export function parsePolicy(text) {
  const policy = { logs: [], witnesses: new Map(), groups: new Map(), quorum: null };
  const grouped = new Set();
  text.split("\n").forEach((line, place) => {
    const wrongAt = (why) => new NoteWrong(`line ${place + 1}: ${why}`);
    // eslint-disable-next-line no-control-regex
    if (/[\u0000-\u0008\u000b-\u001f\u007f]/.test(line)) throw wrongAt("a control character");
    const items = line.split(/[ \t]/).filter((item) => item !== "");
    if (items.length && !items[0].startsWith("#")) takeLine(policy, grouped, items[0], items.slice(1), wrongAt);
  });
  if (policy.quorum === null) throw new NoteWrong("no quorum line");
  return policy;
}

function takeLine(policy, grouped, kind, items, wrongAt) {
  const defined = (name) => policy.witnesses.has(name) || policy.groups.has(name);
  const requireNew = (name) => {
    if (name === "none" || defined(name)) throw wrongAt(`the name ${name} is taken`);
  };
  if (policy.logs.length + policy.witnesses.size + policy.groups.size >= 96) throw wrongAt("more than 96 definitions");
  if (kind === "log" && (items.length === 1 || items.length === 2)) {
    policy.logs.push(policyKey(items[0], 1, policy.logs, wrongAt));
  } else if (kind === "witness" && (items.length === 2 || items.length === 3)) {
    requireNew(items[0]);
    policy.witnesses.set(items[0], policyKey(items[1], 4, [...policy.witnesses.values()], wrongAt));
  } else if (kind === "group" && items.length >= 3) {
    requireNew(items[0]);
    const members = items.slice(2);
    const threshold = items[1] === "any" ? 1 : items[1] === "all" ? members.length : Number(items[1]);
    if (!/^(?:any|all|[0-9]{1,3})$/.test(items[1]) || threshold < 1 || threshold > members.length) throw wrongAt(`${items[1]} is not between 1 and ${members.length}`);
    policy.groups.set(items[0], { threshold, members });
    for (const member of members) {
      if (member === "none" || !defined(member)) throw wrongAt(`${member} is not defined above`);
      if (grouped.has(member)) throw wrongAt(`${member} is a member twice`);
      grouped.add(member);
    }
  } else if (kind === "quorum" && items.length === 1) {
    if (policy.quorum !== null) throw wrongAt("a second quorum line");
    if (items[0] !== "none" && !defined(items[0])) throw wrongAt(`${items[0]} is not defined above`);
    [policy.quorum] = items;
  } else throw wrongAt(`'${kind}' is unknown or has the wrong number of items`);
}

function policyKey(vkey, type, known, wrongAt) {
  const [name, id, ...rest] = vkey.split("+");
  const bytes = rest.length ? fromBase64(rest.join("+")) : null;
  if (!name || !isKeyName(name) || !bytes || bytes.length !== 33 || bytes[0] !== type) throw wrongAt("not a key of the right type");
  const key = { name, publicKey: bytes.slice(1), keyId: toHex(sha256(concat(utf8(name), byte(10), bytes)).slice(0, 4)) };
  if (key.keyId !== id) throw wrongAt("the key's id does not fit");
  if (known.some((other) => equal(other.publicKey, key.publicKey))) throw wrongAt("the same key twice");
  return key;
}

// Whether the witnesses that cosigned at these times (name → seconds) meet the quorum, and since when.
export function judgeQuorum(policy, times) {
  if (policy.quorum === "none") return { met: true, signed: 0, required: 0, since: null };
  const metAt = (name) => {
    if (policy.witnesses.has(name)) return times.get(name) ?? null;
    const group = policy.groups.get(name);
    const met = group.members.map(metAt).filter((at) => at !== null).sort((a, b) => (a < b ? -1 : a > b ? 1 : 0));
    return met.length >= group.threshold ? met[group.threshold - 1] : null;
  };
  const group = policy.groups.get(policy.quorum);
  const since = metAt(policy.quorum);
  const signed = (group ? group.members : [policy.quorum]).filter((member) => metAt(member) !== null).length;
  return { met: since !== null, signed, required: group ? group.threshold : 1, since };
}

