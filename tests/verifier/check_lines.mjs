// Reads lines {bundle, network, now, kept} (base64, text, seconds, text) and answers each with its findings.
import { createInterface } from "node:readline";
import { verifyBundle } from "../../api/static/verifier.js";

for await (const line of createInterface({ input: process.stdin })) {
  const { bundle, network, now, kept } = JSON.parse(line);
  const started = performance.now();
  const { findings, exit } = await verifyBundle(Buffer.from(bundle, "base64"), network, { now: now * 1000, kept });
  const found = findings.map(({ step, code, say, questions }) => [step, code, say, [...questions].sort((a, b) => a - b)]);
  process.stdout.write(`${JSON.stringify({ found, exit, ms: performance.now() - started })}\n`);
}
