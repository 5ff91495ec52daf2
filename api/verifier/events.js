// The events that proofs rest on, read in the one form the compiler writes (`events.json` is shared with Python).
import { equal, keccak256, toHex, toNumber, utf8 } from "./bytes.js";
import forms from "../../ledger_node/proof/events.json";

export class EventWrong extends Error {}

const STRUCTS = {
  "{state}":
    "(uint32,uint64,uint64,uint16,uint8,uint8,(bytes32,uint64,uint64,uint64,uint8)[],bytes[],(uint64,uint64,uint16)[],(bytes32,bytes32,uint64),(bytes32,bytes32,bytes32,bytes32,uint32,uint64,uint64)[])",
  "{header}": "(bytes32,bytes32,uint32,uint128,uint128,uint64,uint64,uint64,bytes32,bytes32,bytes32)",
};

const FORMS = new Map(
  forms.map(({ noun, indexed, signature }) => {
    const text = Object.entries(STRUCTS).reduce((whole, [name, types]) => whole.replace(name, types), signature);
    const name = text.slice(0, text.indexOf("("));
    return [`${noun} ${toHex(keccak256(utf8(text)))}`, { noun, name, indexed, types: parseTypes(text, name.length)[0] }];
  }),
);

function parseTypes(text, start) {
  const members = [];
  let place = start + 1;
  while (text[place] !== ")") {
    let member;
    if (text[place] === "(") [member, place] = parseTypes(text, place);
    else {
      const end = place + /[,)[]/.exec(text.slice(place)).index;
      [member, place] = [text.slice(place, end), end];
    }
    if (text.startsWith("[]", place)) [member, place] = [{ list: member }, place + 2];
    members.push(member);
    if (text[place] === ",") place += 1;
  }
  return [members, place + 1];
}

// The event {noun, name, arguments} of a log entry; null when its contract or form is unknown. Throws EventWrong.
export function eventOf(entry, network) {
  const contract = network.contracts.find((one) => equal(one.address, entry.address));
  const form = contract && entry.topics.length ? FORMS.get(`${contract.noun} ${toHex(entry.topics[0])}`) : undefined;
  if (!form) return null;
  if (entry.data === null || entry.topics.length !== 1 + form.indexed) throw new EventWrong(form.name);
  const topics = entry.topics.slice(1).map((bytes, place) => decodeWord(form.types[place], bytes));
  const [values, end] = decodeTuple(form.types.slice(form.indexed), entry.data, 0);
  if (end !== entry.data.length) throw new EventWrong("bytes too many");
  return { noun: form.noun, name: form.name, arguments: [...topics, ...values] };
}

function decodeWord(kind, bytes) {
  if (bytes.length !== 32) throw new EventWrong("the data end early");
  if (kind === "bytes32") return bytes;
  if (kind === "bytes3") {
    if (bytes.slice(3).some(Boolean)) throw new EventWrong("a code with padding");
    return bytes.slice(0, 3);
  }
  if (kind === "address") {
    if (bytes.slice(0, 12).some(Boolean)) throw new EventWrong("an address with padding");
    return bytes.slice(12);
  }
  const number = toNumber(bytes);
  if (number >> BigInt(kind.slice(4))) throw new EventWrong(`${number} does not fit ${kind}`);
  return number;
}

function decodeTuple(types, data, base) {
  let place = base;
  let tail = base + types.reduce((sum, kind) => sum + headBytes(kind), 0);
  const values = types.map((kind) => {
    let value;
    if (isDynamic(kind)) {
      if (toNumber(wordAt(data, place)) !== BigInt(tail - base)) throw new EventWrong("an offset is not where it belongs");
      [value, tail] = decodeDynamic(kind, data, tail);
      place += 32;
    } else if (Array.isArray(kind)) [value, place] = decodeTuple(kind, data, place);
    else {
      value = decodeWord(kind, wordAt(data, place));
      place += 32;
    }
    return value;
  });
  return [values, tail];
}

function decodeDynamic(kind, data, start) {
  if (Array.isArray(kind)) return decodeTuple(kind, data, start);
  const said = toNumber(wordAt(data, start));
  const place = start + 32;
  if (said > BigInt(data.length)) throw new EventWrong("longer than the data");
  const length = Number(said);
  if (kind.list) {
    if (length * headBytes(kind.list) > data.length - place) throw new EventWrong("a list longer than the data");
    return decodeTuple(Array(length).fill(kind.list), data, place);
  }
  const padded = Math.ceil(length / 32) * 32;
  if (padded > data.length - place || data.slice(place + length, place + padded).some(Boolean)) throw new EventWrong("bytes with padding");
  return [data.slice(place, place + length), place + padded];
}

function wordAt(data, place) {
  const bytes = data.slice(place, place + 32);
  if (bytes.length !== 32) throw new EventWrong("the data end early");
  return bytes;
}

function isDynamic(kind) {
  if (Array.isArray(kind)) return kind.some(isDynamic);
  return typeof kind === "object" || kind === "bytes";
}

function headBytes(kind) {
  return Array.isArray(kind) && !isDynamic(kind) ? kind.reduce((sum, member) => sum + headBytes(member), 0) : 32;
}

export function deviceState(event) {
  const [, , revokedFrom, deviceClass, , status, keys, publics, suspensions, , verifications] = event.arguments[event.arguments.length - 1];
  if (keys.length !== publics.length) throw new EventWrong("keys without public keys");
  if (status > 5n || keys.some((key) => key[4] > 2n)) throw new EventWrong("a number without meaning");
  return {
    revokedFrom,
    deviceClass,
    keys: keys.map(([keyHash, from, to, invalidFrom, type], place) => ({ keyHash, from, to, invalidFrom, type: Number(type), publicKey: publics[place] })),
    suspensions: suspensions.map(([from, to]) => ({ from, to })),
    verifications: verifications.map((one) => ({ from: one[5], until: one[6] })),
  };
}

export function pinHeader(event) {
  const [root, , count, amount, mass, , , , , lots] = event.arguments[event.arguments.length - 1];
  return { root, count, amount, mass, lots };
}
