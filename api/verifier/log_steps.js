// Steps 8, 9 and 11: entries in the log, pins among them, and whether histories are whole.
import { equal, toHex } from "./bytes.js";
import { nameHash } from "./envelope.js";
import { pinHeader } from "./events.js";
import { ProofWrong, absenceRoot, foldNodes, historyRoot, subjectKey, subjectLeaf } from "./trees.js";

export function checkLog(check) {
  const { log } = check.bundle;
  if (!log || !check.note) return;
  let root = null;
  try {
    root = foldNodes(log.shown, check.note.size, log.nodes);
  } catch (error) {
    if (!(error instanceof ProofWrong)) throw error;
  }
  if (root === null || !equal(root, check.note.root)) check.no(8, "entry_not_in_log", [4], { size: check.note.size });
}

export function checkPins(check) {
  const { network } = check;
  const isForeign = (entry) => entry.chainId !== network.chainId || !network.contracts.some((one) => equal(one.address, entry.address));
  if ([...check.entries.values()].some(isForeign)) check.no(9, "pin_foreign", [4]);
  for (const one of check.records) {
    const event = check.event(one.record.pin);
    if (event?.name !== "Pinned") {
      check.no(9, "pin_foreign", [4]);
      continue;
    }
    one.pin = check.entries.get(one.record.pin);
    one.header = pinHeader(event);
    if (!equal(event.arguments[0], nameHash(one.record.envelope.stream))) check.no(9, "stream_differs", [3]);
  }
}

export function checkHistories(check) {
  if (!check.note) return;
  if (!check.bundle.histories.length && ["history", "stream"].includes(check.bundle.kind)) {
    check.cannotTell(11, "history_incomplete", [7], { subject: "any subject" });
  }
  for (const history of check.bundle.histories) {
    if (!isProven(check, history, check.note.subjects)) {
      const questions = check.bundle.kind === "history" ? [7] : equal(history.address, check.network.address("device")) ? [2] : [7, 8];
      check.no(11, "history_incomplete", questions, { subject: `0x${toHex(history.topic)}` });
    }
  }
}

function isProven(check, history, root) {
  const key = subjectKey(history.address, history.topic);
  if (history.isAbsence) return equal(absenceRoot(key, history.other, history.path, subjectLeaf), root);
  const entries = [];
  for (const index of history.entries) {
    const entry = check.entries.get(index);
    const names = entry?.topics.slice(1).some((topic) => equal(topic, history.topic));
    if (!entry || !equal(entry.address, history.address) || !names) return false;
    entries.push([index, entry.leaf]);
  }
  if (history.before.count + BigInt(entries.length) >= 1n << 64n) return false;
  return equal(historyRoot(key, history.before, entries, history.path), root);
}
