// Runs every vector of tests/vectors/proofs through the built verifier: `node --test tests/verifier/`.
import assert from "node:assert/strict";
import { readFileSync, readdirSync } from "node:fs";
import { dirname, join } from "node:path";
import { test } from "node:test";
import { fileURLToPath } from "node:url";
import { verifyBundle } from "../../api/static/verifier.js";

const here = dirname(fileURLToPath(import.meta.url));
const folder = join(here, "..", "vectors", "proofs");
const read = (name) => JSON.parse(readFileSync(join(folder, name), "utf8"));
const { networks, bases } = read("bases.json");

function spliced(text, splice) {
  const base = Buffer.from(text, "utf8");
  if (!splice) return base;
  const [start, end, encoded] = splice;
  return Buffer.concat([base.subarray(0, start), Buffer.from(encoded, "base64"), base.subarray(end)]);
}

for (const name of readdirSync(folder).filter((one) => one.endsWith(".json") && one !== "bases.json")) {
  test(name, async (group) => {
    for (const { name: title, input, code, ok } of read(name)) {
      await group.test(title, async () => {
        const base = bases[input.base];
        const bundle = spliced(base.bundle, input.splice);
        const found = await verifyBundle(bundle, networks[base.network], { now: base.now * 1000, kept: base.kept });
        assert.equal(found.findings[0]?.code, code);
        assert.equal(found.verified, ok === true);
      });
    }
  });
}
