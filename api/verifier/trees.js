// The trees of the ledger, as a checker folds them: RFC 9162 shapes, the batch tree with sums, the sparse maps.
import { byte, concat, equal, sha256, uint, zeros } from "./bytes.js";

export class ProofWrong extends Error {}

const LIMIT = 1n << 128n;
const EMPTY = zeros(32);

export const leafHash = (entry) => sha256(byte(0), entry);
export const nodeHash = (left, right) => sha256(byte(1), left, right);

function splitPoint(size) {
  return 1n << BigInt((size - 1n).toString(2).length - 1);
}

// One proof for all shown leaves ([index, hash], ascending) of a tree; the root that it leads to.
export function foldNodes(shown, size, nodes) {
  if (size === 0n || size >= 1n << 63n) throw new ProofWrong("an empty or endless tree proves nothing");
  shown.forEach(([index], place) => {
    if (index >= size || (place && index <= shown[place - 1][0])) throw new ProofWrong("indices must ascend below the size");
  });
  let used = 0;
  const walk = (start, end, first, last) => {
    if (first === last) {
      if (used === nodes.length) throw new ProofWrong("too few nodes");
      used += 1;
      return nodes[used - 1];
    }
    if (end - start === 1n) return shown[first][1];
    const middle = start + splitPoint(end - start);
    let cut = first;
    while (cut < last && shown[cut][0] < middle) cut += 1;
    const left = walk(start, middle, first, cut);
    return nodeHash(left, walk(middle, end, cut, last));
  };
  const root = walk(0n, size, 0, shown.length);
  if (used !== nodes.length) throw new ProofWrong("too many nodes");
  return root;
}

// For each sibling of a path, leaf upward: whether it stands on the left.
function sides(index, size) {
  if (index < 0 || index >= size) throw new ProofWrong("the index is not below the size");
  const turns = [];
  let [start, end] = [0, size];
  while (end - start > 1) {
    const middle = start + Number(splitPoint(BigInt(end - start)));
    turns.unshift(index >= middle);
    if (index >= middle) start = middle;
    else end = middle;
  }
  return turns;
}

export function foldPath(leaf, index, size, siblings) {
  const turns = sides(index, size);
  if (turns.length !== siblings.length) throw new ProofWrong("a path of the wrong length");
  return siblings.reduce((node, sibling, place) => (turns[place] ? nodeHash(sibling, node) : nodeHash(node, sibling)), leaf);
}

// [old root, new root] of a consistency proof; `first` is the old root, which the proof leaves out where it can.
export function foldConsistency(oldSize, newSize, first, path) {
  const hashes = (oldSize & (oldSize - 1n)) === 0n || oldSize === newSize ? [first, ...path] : [...path];
  if (!hashes.length) throw new ProofWrong("an empty consistency proof");
  let [node, last] = [oldSize - 1n, newSize - 1n];
  while (node & 1n) [node, last] = [node >> 1n, last >> 1n];
  let [older, newer] = [hashes[0], hashes[0]];
  for (const sibling of hashes.slice(1)) {
    if (last === 0n) throw new ProofWrong("a consistency proof with too many hashes");
    if (node & 1n || node === last) {
      [older, newer] = [nodeHash(sibling, older), nodeHash(sibling, newer)];
      while (!(node & 1n) && node) [node, last] = [node >> 1n, last >> 1n];
    } else newer = nodeHash(newer, sibling);
    [node, last] = [node >> 1n, last >> 1n];
  }
  if (last) throw new ProofWrong("a consistency proof with too few hashes");
  return [older, newer];
}

const packed = (amount, mass) => concat(uint(amount, 16), uint(mass, 16));

export const sumLeaf = (recordHash, amount, mass) => ({ hash: sha256(byte(0), recordHash, packed(amount, mass)), amount, mass });

function join(left, right) {
  const [amount, mass] = [left.amount + right.amount, left.mass + right.mass];
  if (amount >= LIMIT || mass >= LIMIT) throw new ProofWrong("a sum reaches 2^128");
  return { hash: sha256(byte(1), left.hash, packed(left.amount, left.mass), right.hash, packed(right.amount, right.mass)), amount, mass };
}

export function foldSums(leaf, index, size, siblings) {
  const turns = sides(index, size);
  if (turns.length !== siblings.length) throw new ProofWrong("a path of the wrong length");
  return siblings.reduce((node, sibling, place) => (turns[place] ? join(sibling, node) : join(node, sibling)), leaf);
}

const bit = (key, depth) => (key[depth >> 3] >> (7 - (depth & 7))) & 1;

// The root of a sparse tree that a leaf leads to; siblings from the root down, null for an empty one.
export function foldSparse(key, leaf, siblings) {
  let node = leaf;
  for (let depth = siblings.length - 1; depth >= 0; depth -= 1) {
    const sibling = siblings[depth] ?? EMPTY;
    node = bit(key, depth) ? sha256(byte(0x23), sibling, node) : sha256(byte(0x23), node, sibling);
  }
  return node;
}

// Whether `other` differs from `key` and shares its first `depth` bits.
export function isOtherOnTheWay(key, other, depth) {
  if (equal(key, other)) return false;
  for (let place = 0; place < depth; place += 1) if (bit(key, place) !== bit(other, place)) return false;
  return true;
}

export const subjectKey = (address, topic) => sha256(byte(0x20), address, topic);
export const subjectLeaf = (key, state) => sha256(byte(0x22), key, uint(state.count, 8), state.head);
export const lotKey = (lot) => sha256(byte(0x30), lot);
export const lotLeaf = (key, state) => sha256(byte(0x22), key, uint(state.count, 8), uint(state.mass, 16), state.head);

export function historyRoot(key, before, entries, siblings) {
  let { count, head } = before;
  for (const [index, leaf] of entries) {
    count += 1n;
    head = sha256(byte(0x21), head, uint(index, 8), leaf);
  }
  return foldSparse(key, subjectLeaf(key, { count, head }), siblings);
}

export function lotRoot(lot, records, siblings) {
  const state = { count: 0n, mass: 0n, head: EMPTY };
  for (const [recordHash, share] of records) {
    state.count += 1n;
    state.mass += share;
    if (state.mass >= LIMIT) throw new ProofWrong("a sum reaches 2^128");
    state.head = sha256(byte(0x31), state.head, recordHash, uint(share, 16));
  }
  const key = lotKey(lot);
  return foldSparse(key, lotLeaf(key, state), siblings);
}

export const absenceRoot = (key, other, siblings, leafOf) => foldSparse(key, other === null ? EMPTY : leafOf(other.key, other), siblings);
