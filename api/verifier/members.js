// Members of a bundle: widths, alphabets, ranges, exact names. Every refusal is `bad_member` with the JSON pointer.
import { fromBase64, fromHex } from "./bytes.js";
import { Refused } from "./strict_json.js";

export const UINT64 = (1n << 64n) - 1n;
export const UINT128 = (1n << 128n) - 1n;

export const wrong = (pointer, why) => new Refused("bad_member", why, { pointer });

export const isObject = (value) => typeof value === "object" && value !== null && !Array.isArray(value);
export const has = (object, name) => Object.prototype.hasOwnProperty.call(object, name);

export function membersOf(value, pointer, required, optional = []) {
  if (!isObject(value)) throw wrong(pointer, "not an object");
  for (const name of required) if (!has(value, name)) throw wrong(`${pointer}/${name}`, "is missing");
  for (const name of Object.keys(value)) {
    if (!required.includes(name) && !optional.includes(name)) throw wrong(`${pointer}/${name}`, "is unknown");
  }
  return value;
}

export function itemsOf(value, pointer, read, { lowest = 0, highest }) {
  if (!Array.isArray(value)) throw wrong(pointer, "not a list");
  if (value.length < lowest || value.length > highest) throw wrong(pointer, `${value.length} items where ${lowest} to ${highest} belong`);
  return value.map((item, place) => read(item, `${pointer}/${place}`));
}

export function rowOf(value, pointer, width) {
  if (!Array.isArray(value) || value.length !== width) throw wrong(pointer, `not a list of ${width}`);
  return value;
}

export function textOf(value, pointer, highest = 1 << 20) {
  if (typeof value !== "string" || [...value].length > highest) throw wrong(pointer, `not text of at most ${highest} characters`);
  return value;
}

export function integerOf(value, pointer, lowest = 0, highest = Number.MAX_SAFE_INTEGER) {
  if (!Number.isSafeInteger(value) || value < lowest || value > highest) throw wrong(pointer, `not an integer from ${lowest} to ${highest}`);
  return value;
}

export function decimalOf(value, pointer, highest = UINT64) {
  if (typeof value !== "string" || !/^(?:0|[1-9][0-9]{0,38})$/.test(value) || BigInt(value) > highest) {
    throw wrong(pointer, `not a decimal string up to ${highest}`);
  }
  return BigInt(value);
}

export function base64Of(value, pointer) {
  const bytes = typeof value === "string" ? fromBase64(value) : null;
  if (bytes === null) throw wrong(pointer, "not canonical base64");
  return bytes;
}

export function hashOf(value, pointer) {
  const bytes = base64Of(value, pointer);
  if (bytes.length !== 32) throw wrong(pointer, `${bytes.length} bytes where 32 belong`);
  return bytes;
}

export const siblingOf = (value, pointer) => (value === "" ? null : hashOf(value, pointer));

export function hexOf(value, pointer, width) {
  if (typeof value !== "string" || !/^0x(?:[0-9a-f]{2})*$/.test(value) || (width !== undefined && value.length !== 2 + 2 * width)) {
    throw wrong(pointer, `not ${width ?? "whole"} bytes in lower-case 0x hex`);
  }
  return fromHex(value.slice(2));
}

const TIME = /^([0-9]{4})-([0-9]{2})-([0-9]{2})T([0-9]{2}):([0-9]{2}):([0-9]{2})(?:Z|([+-])([0-9]{2}):([0-9]{2}))$/;

// Milliseconds since 1970 of an RFC 3339 time in whole seconds.
export function timeOf(value, pointer) {
  const found = typeof value === "string" ? TIME.exec(value) : null;
  if (!found) throw wrong(pointer, "not an RFC 3339 time");
  const [year, month, day, hour, minute, second] = found.slice(1, 7).map(Number);
  const [awayHours, awayMinutes] = [Number(found[8] ?? 0), Number(found[9] ?? 0)];
  if (year < 1970 || year > 9998 || awayHours > 23 || awayMinutes > 59) throw wrong(pointer, "not an RFC 3339 time");
  const local = new Date(Date.UTC(year, month - 1, day, hour, minute, second));
  const same = [local.getUTCFullYear(), local.getUTCMonth() + 1, local.getUTCDate(), local.getUTCHours(), local.getUTCMinutes(), local.getUTCSeconds()];
  if (same.join() !== [year, month, day, hour, minute, second].join()) throw wrong(pointer, "no such time");
  const away = (awayHours * 60 + awayMinutes) * 60_000;
  return local.getTime() + (found[7] === "-" ? away : -away);
}
