// RFC 8785 read one way: parse, write again, compare. `Refused` carries the code and the byte.
import { utf8 } from "./bytes.js";

export const MAXIMUM_BYTES = 1 << 20;
const MAXIMUM_DEPTH = 16;

export class Refused extends Error {
  constructor(code, why, { pointer = "", byte = 0 } = {}) {
    super(`${code} ${pointer}: ${why}`);
    Object.assign(this, { code, why, pointer, byte });
  }
}

export function readCanonical(bytes) {
  if (bytes.length > MAXIMUM_BYTES) throw new Refused("malformed", `more than ${MAXIMUM_BYTES} bytes`, { byte: MAXIMUM_BYTES });
  let text;
  try {
    text = new TextDecoder("utf-8", { fatal: true, ignoreBOM: true }).decode(bytes);
  } catch {
    throw new Refused("malformed", "not UTF-8");
  }
  requireShallow(text);
  let value;
  try {
    value = JSON.parse(text);
  } catch (error) {
    throw new Refused("malformed", "not JSON", { byte: placeOf(error, text) });
  }
  const written = canonical(value);
  const body = text.endsWith("\n") ? text.slice(0, -1) : text;
  if (written !== body) throw new Refused("not_canonical", "not the form of RFC 8785", { byte: firstDifference(body, written ?? "") });
  return value;
}

// The canonical text, or null where there is none: a lone surrogate, an infinite number.
export function canonical(value) {
  if (value === null || typeof value === "boolean") return String(value);
  if (typeof value === "number") return Number.isFinite(value) ? JSON.stringify(value) : null;
  if (typeof value === "string") return isWellFormed(value) ? JSON.stringify(value) : null;
  const parts = [];
  if (Array.isArray(value)) {
    for (const member of value) parts.push(canonical(member));
  } else {
    for (const name of Object.keys(value).sort()) {
      const [left, right] = [canonical(name), canonical(value[name])];
      parts.push(left === null || right === null ? null : `${left}:${right}`);
    }
  }
  if (parts.includes(null)) return null;
  return Array.isArray(value) ? `[${parts.join(",")}]` : `{${parts.join(",")}}`;
}

export const isWellFormed = (text) => !/[\ud800-\udbff](?![\udc00-\udfff])|(?<![\ud800-\udbff])[\udc00-\udfff]/.test(text);

// Depth is looked at before anything is built, so that deep nesting costs no stack.
function requireShallow(text) {
  let depth = 0;
  let inText = false;
  for (let place = 0; place < text.length; place += 1) {
    const letter = text[place];
    if (inText) {
      if (letter === "\\") place += 1;
      else if (letter === '"') inText = false;
    } else if (letter === '"') inText = true;
    else if (letter === "{" || letter === "[") {
      depth += 1;
      if (depth > MAXIMUM_DEPTH) throw new Refused("malformed", `nested deeper than ${MAXIMUM_DEPTH}`, { byte: utf8(text.slice(0, place)).length });
    } else if (letter === "}" || letter === "]") depth -= 1;
  }
}

function placeOf(error, text) {
  const found = /position (\d+)/.exec(error.message);
  return found ? utf8(text.slice(0, Number(found[1]))).length : utf8(text).length;
}

function firstDifference(left, right) {
  let place = 0;
  while (place < left.length && place < right.length && left[place] === right[place]) place += 1;
  return utf8(left.slice(0, place)).length;
}
