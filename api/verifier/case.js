// What the steps of one verification share: the bundle, the anchor, what was found so far.
import { equal, toHex } from "./bytes.js";
import { nameHash, recordDigest, recordHash } from "./envelope.js";
import { EventWrong, eventOf } from "./events.js";

// Stream kinds whose records a lot proof must show; of the others hash and share suffice.
export const OPENED_KINDS = ["test", "event", "document"];
export const streamKind = (stream) => stream.slice(stream.lastIndexOf("/") + 1);
export const siblingStream = (stream, kind) => `${stream.slice(0, Math.max(0, stream.lastIndexOf("/")))}/${kind}`;
export const isCounted = (verdict) => verdict === 1 || verdict === 2;

export class Case {
  constructor(bundle, network, nowMs, kept) {
    Object.assign(this, { bundle, network, nowMs, kept, note: null, oldNote: null, findings: [], facts: {} });
    this.entries = bundle.log?.entries ?? new Map();
    this.events = new Map();
    this.records = bundle.records.map((record, number) => {
      const digest = recordDigest(network.separator, record.envelope);
      const hash = recordHash(digest, record.envelope.signature, record.receivedAtMs, record.verdict, record.reason);
      return { number, record, digest, hash, payload: record.envelope.payload, facts: null, pin: null, header: null };
    });
  }

  no(step, code, questions, values = {}) {
    this.findings.push({ step, code, say: "no", questions, values });
  }

  cannotTell(step, code, questions, values = {}) {
    this.findings.push({ step, code, say: "cannot tell", questions, values });
  }

  hasFailed(...steps) {
    return this.findings.some((one) => steps.includes(one.step) && one.say === "no");
  }

  history(noun, topic) {
    const address = this.network.address(noun);
    return this.bundle.histories.find((one) => equal(one.address, address) && equal(one.topic, topic)) ?? null;
  }

  // The history of a stream by name, absent or not.
  streamHistory(name) {
    return this.history("trace", nameHash(name));
  }

  // The event at a log index; null when it is not shown, unknown, or does not decode.
  event(index) {
    if (!this.events.has(index)) this.events.set(index, this.decode(index));
    return this.events.get(index);
  }

  decode(index) {
    const entry = this.entries.get(index);
    if (!entry || entry.chainId !== this.network.chainId) return null;
    try {
      return eventOf(entry, this.network);
    } catch (error) {
      if (error instanceof EventWrong) return null;
      throw error;
    }
  }

  // The history's events with their log indices; null for one that is not about its subject.
  eventsOf(history) {
    return history.entries.map((index) => [index, this.isAbout(index, history) ? this.event(index) : null]);
  }

  isAbout(index, history) {
    const entry = this.entries.get(index);
    return Boolean(entry) && equal(entry.address, history.address) && entry.topics.slice(1).some((topic) => equal(topic, history.topic));
  }

  // The records that the bundle is about: the first, and all not shown for a lot proof's sake.
  claims() {
    const opened = new Set();
    for (const lot of this.bundle.lots) {
      if (OPENED_KINDS.includes(streamKind(lot.stream))) for (const [hash] of lot.records) opened.add(toHex(hash));
    }
    return this.records.filter((one) => one.number === 0 || !opened.has(toHex(one.hash)));
  }
}
