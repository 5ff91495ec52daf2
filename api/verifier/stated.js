// What a shown payload states that the steps compare: sums, lots, the value it repeats, a sales day's chain.
import { keccak256, toHex, utf8 } from "./bytes.js";
import { has, isObject } from "./members.js";

const table = (...rows) => Object.fromEntries(rows.flatMap(([kinds, value]) => kinds.split(" ").map((kind) => [kind, value])));

const STATED_VALUE = table(["sale void refund settlement", "amount_minor"], ["intake waste transfer reweigh", "net_grams"], ["test retest", "result"], ["sales_day", "net_minor"]);
const NUMBERS = table(
  ["sale void refund", ["amount_minor", "net_grams"]],
  ["intake waste transfer", ["net_grams"]],
  ["settlement", ["amount_minor"]],
  ["sales_day", ["net_minor", "net_grams", "index"]],
);
const WITH_LOTS = ["sale", "void", "refund"];
const MAY_HAVE_LOTS = ["epcis-event", "document"];
const WITH_LOT = ["intake", "waste", "transfer", "test", "retest", "hold", "release"];
export const KINDS = (
  "sale void refund settlement intake waste transfer test retest hold release reweigh complaint temperature humidity door count " +
  "birth gap heartbeat seal refusals reverdict epcis-event document access sales_day"
).split(" ");
const RUN_NUMBERS = ["first_sequence", "last_sequence", "sales", "refunds", "voids", "other", "missing"];

const of = (lookup, kind) => (has(lookup, kind) ? lookup[kind] : undefined);
const member = (object, name) => (has(object, name) ? object[name] : undefined);
const isCount = (value) => Number.isSafeInteger(value) && value >= 0;

export function statedValue(kind, payload) {
  const name = of(STATED_VALUE, kind);
  const found = name === undefined ? undefined : member(payload, name);
  return Number.isSafeInteger(found) ? BigInt(found) : null;
}

// {amount, mass, lots: Map of key in hex → share}; null when what they are made of is missing or of another form.
export function statedFacts(kind, payload) {
  if (!(of(NUMBERS, kind) ?? []).every((name) => isCount(member(payload, name)))) return null;
  if (WITH_LOT.includes(kind) && typeof member(payload, "lot_id") !== "string") return null;
  const lots = member(payload, "lots") ?? (MAY_HAVE_LOTS.includes(kind) && !has(payload, "lots") ? [] : null);
  const listsLots = WITH_LOTS.includes(kind) || MAY_HAVE_LOTS.includes(kind);
  if (listsLots && !(Array.isArray(lots) && lots.every(isShare))) return null;
  if (kind === "sales_day" && !isDay(payload)) return null;
  const facts = { amount: 0n, mass: 0n, lots: new Map() };
  if (["sale", "void", "refund", "settlement"].includes(kind)) facts.amount = BigInt(payload.amount_minor);
  if (kind === "sales_day") facts.amount = BigInt(payload.net_minor);
  if (kind !== "reweigh" && has(NUMBERS, kind) && kind !== "settlement") facts.mass = BigInt(payload.net_grams);
  const named = listsLots ? lots.map((lot) => [lot.lot_id, BigInt(lot.net_grams)]) : WITH_LOT.includes(kind) ? [[payload.lot_id, facts.mass]] : [];
  for (const [lot, share] of named) {
    const key = toHex(keccak256(utf8(lot)));
    facts.lots.set(key, (facts.lots.get(key) ?? 0n) + share);
  }
  return facts;
}

const isShare = (value) => isObject(value) && typeof member(value, "lot_id") === "string" && isCount(member(value, "net_grams"));
const isRun = (value) => isObject(value) && typeof member(value, "device") === "string" && RUN_NUMBERS.every((name) => isCount(member(value, name)));

function isDay(payload) {
  const runs = member(payload, "devices");
  return typeof member(payload, "day") === "string" && typeof member(payload, "previous_hash") === "string" && Array.isArray(runs) && runs.every(isRun);
}
