// Steps 3 to 7: the checkpoint, who signed it, how old it is, and whether it continues what was kept.
import { equal, toHex } from "./bytes.js";
import { NoteWrong, cosignatureTimes, judgeQuorum, logSignatureFits, parseNote } from "./note.js";
import { ProofWrong, foldConsistency } from "./trees.js";

const FRESH_MS = 86_400_000;

export async function checkCheckpoint(check) {
  const { bundle, network } = check;
  check.note = read(check, bundle.checkpoint);
  if (bundle.oldCheckpoint !== null) check.oldNote = read(check, bundle.oldCheckpoint);
  const { note, oldNote } = check;
  if (!note) return;
  Object.assign(check.facts, { origin: note.origin, size: note.size, block: note.block, root: toHex(note.root) });
  for (const one of [note, oldNote]) {
    if (one && !(await logSignatureFits(one, network.policy.logs))) check.no(4, "log_signature_bad", [5]);
  }
  checkAge(check, await checkWitnesses(check, note));
  if (check.hasFailed(3, 4)) return;
  checkKept(check, note);
  checkConsistency(check, note);
}

function read(check, text) {
  const { bundle, network } = check;
  let note;
  try {
    note = parseNote(text);
  } catch (error) {
    if (!(error instanceof NoteWrong)) throw error;
    check.no(3, "checkpoint_malformed", [5], { why: error.message });
    return null;
  }
  const known = network.policy.logs.some((key) => key.name === note.origin);
  if (!known || note.chainId !== network.chainId || bundle.chainId !== network.chainId) check.no(3, "log_unknown", [5], { origin: note.origin });
  return note;
}

async function checkWitnesses(check, note) {
  const { policy } = check.network;
  const latest = BigInt(Math.floor(check.nowMs / 1000) + 300);
  const times = new Map();
  for (const [name, key] of policy.witnesses) {
    const found = await cosignatureTimes(note, key);
    if (found === null) {
      check.no(5, "cosignature_bad", [5], { witness: key.name });
      continue;
    }
    const counted = found.filter((time) => time > 0n && time < 1n << 63n && time <= latest);
    const isLog = policy.logs.some((log) => equal(log.publicKey, key.publicKey));
    if (counted.length && !isLog) times.set(name, counted.reduce((a, b) => (a < b ? a : b)));
  }
  const quorum = judgeQuorum(policy, times);
  Object.assign(check.facts, { signed: quorum.signed, required: quorum.required, existed_by: quorum.since });
  if (!quorum.met) check.cannotTell(5, "quorum_missing", [5], { n: quorum.signed, k: quorum.required });
  return quorum.since;
}

// Without witnesses nobody attests a time: the maker's own word is all there is.
function checkAge(check, since) {
  const madeAtMs = since === null ? check.bundle.madeAtMs : Number(since) * 1000;
  const age = check.nowMs - madeAtMs;
  if (age > FRESH_MS) check.cannotTell(6, "checkpoint_stale", [2, 7, 8, 10], { age: `${Math.floor(age / 3_600_000)} h` });
}

function checkKept(check, note) {
  const { kept, oldNote } = check;
  if (!kept || kept.origin !== note.origin) return;
  if (contradict(kept, note) || (oldNote && contradict(kept, oldNote))) {
    check.no(7, "history_split", [5], { file: "" });
    return;
  }
  check.facts.kept_compared = kept.size === note.size || oldNote?.size === kept.size;
}

// Whether two notes of one log cannot both be honest, seen without any proof.
function contradict(one, other) {
  if (one.size === other.size) return !equal(one.root, other.root);
  const [smaller, larger] = one.size < other.size ? [one, other] : [other, one];
  return smaller.block > larger.block;
}

// A malformed proof never becomes an accusation: only one that gives the larger root convicts.
function checkConsistency(check, note) {
  const { oldNote } = check;
  const path = check.bundle.consistency;
  if (!oldNote || path === null) return;
  if (oldNote.origin !== note.origin) {
    check.no(3, "log_unknown", [5], { origin: oldNote.origin });
    return;
  }
  const [m, n] = [oldNote.size, note.size];
  const malformed = (why) => check.no(2, "bad_member", [5], { pointer: "/consistency", why });
  if (m === 0n || m > n || (m === n && path.length)) malformed(`no proof from ${m} to ${n}`);
  else if (contradict(oldNote, note)) check.no(7, "history_split", [5], { file: "" });
  else if (m !== n) {
    let roots;
    try {
      roots = foldConsistency(m, n, oldNote.root, path);
    } catch (error) {
      if (!(error instanceof ProofWrong)) throw error;
      malformed(error.message);
      return;
    }
    if (!equal(roots[1], note.root)) malformed("leads to another root");
    else if (!equal(roots[0], oldNote.root)) check.no(7, "history_split", [5], { file: "" });
  }
}
