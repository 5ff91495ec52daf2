// Bytes, hex, base64 and text, one way each. A lenient decoder here would be a bug: two files could say the same.
import { sha256 as sha256Of } from "@noble/hashes/sha2.js";
import { keccak_256 } from "@noble/hashes/sha3.js";

export const sha256 = (...parts) => sha256Of(concat(...parts));
export const keccak256 = (...parts) => keccak_256(concat(...parts));

export function concat(...parts) {
  if (parts.length === 1) return parts[0];
  const whole = new Uint8Array(parts.reduce((sum, part) => sum + part.length, 0));
  let place = 0;
  for (const part of parts) {
    whole.set(part, place);
    place += part.length;
  }
  return whole;
}

export const utf8 = (text) => new TextEncoder().encode(text);
export const byte = (number) => Uint8Array.of(number);
export const zeros = (length) => new Uint8Array(length);

// An unsigned integer (number or BigInt) in `width` bytes, big-endian; RangeError when it does not fit.
export function uint(value, width) {
  let rest = BigInt(value);
  if (rest < 0n || rest >> BigInt(8 * width)) throw new RangeError(`${value} does not fit ${width} bytes`);
  const bytes = new Uint8Array(width);
  for (let place = width - 1; place >= 0; place -= 1, rest >>= 8n) bytes[place] = Number(rest & 255n);
  return bytes;
}

// A signed integer in a 32-byte word.
export const word = (value) => uint(BigInt.asUintN(256, BigInt(value)), 32);

export function toNumber(bytes) {
  let value = 0n;
  for (const one of bytes) value = (value << 8n) | BigInt(one);
  return value;
}

export function equal(left, right) {
  return left.length === right.length && left.every((one, place) => one === right[place]);
}

const DIGITS = Array.from({ length: 256 }, (_, one) => one.toString(16).padStart(2, "0"));
export const toHex = (bytes) => Array.from(bytes, (one) => DIGITS[one]).join("");

export function fromHex(text) {
  const bytes = new Uint8Array(text.length / 2);
  for (let place = 0; place < bytes.length; place += 1) bytes[place] = parseInt(text.slice(2 * place, 2 * place + 2), 16);
  return bytes;
}

export function toBase64(bytes) {
  let text = "";
  for (const one of bytes) text += String.fromCharCode(one);
  return btoa(text);
}

// Standard alphabet with padding and no spare bits set, else null.
export function fromBase64(text) {
  if (!/^(?:[A-Za-z0-9+/]{4})*(?:[A-Za-z0-9+/]{2}==|[A-Za-z0-9+/]{3}=)?$/.test(text)) return null;
  const bytes = Uint8Array.from(atob(text), (letter) => letter.charCodeAt(0));
  return toBase64(bytes) === text ? bytes : null;
}
