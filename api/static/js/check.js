// Checks the page's proof bundle in this browser, step by step, against the network file built into the page.
// The server only hands over the bundle: a changed byte shows as a failed step, in red, by name.

const box = document.querySelector("[data-check]");
const told = JSON.parse(box.dataset.check);
const seal = document.querySelector("[data-seal]");
const outcome = box.querySelector("[data-outcome]");
const texts = told.texts;

function fill(text, values = {}) {
  return (text ?? "").replace(/\{(\w+)\}/g, (_all, key) => String(values[key] ?? ""));
}

function say(state, titleValues = {}, textValues = {}) {
  outcome.dataset.state = state;
  outcome.querySelector("[data-title]").textContent = fill(texts[`${state}.title`], titleValues);
  outcome.querySelector("[data-text]").textContent = fill(texts[`${state}.text`], textValues);
  if (seal) {
    seal.dataset.state = state === "broken" ? "unreachable" : state;
    seal.querySelector("[data-seal-text]").textContent = texts[`seal.${state}`] ?? texts["seal.unreachable"];
  }
}

function element(tag, className, text) {
  const made = document.createElement(tag);
  if (className) made.className = className;
  if (text !== undefined) made.textContent = text;
  return made;
}

function mark(sayWhat, label) {
  const made = element("span", "mark", sayWhat === "yes" ? "✓" : sayWhat === "no" ? "✕" : "?");
  made.dataset.say = sayWhat;
  made.setAttribute("role", "img");
  made.setAttribute("aria-label", label);
  return made;
}

function bytesOf(base64) {
  return Uint8Array.from(atob(base64), (letter) => letter.charCodeAt(0));
}

function spoken(one) {
  return one.sentences?.[told.language] ?? one.sentence?.[told.language] ?? "";
}

function showAnswers(answers) {
  const list = box.querySelector("[data-answers]");
  list.replaceChildren();
  for (const one of answers) {
    if (!(one.question in told.questions)) continue;
    const sayWhat = one.answer === "yes" || one.answer === "no" ? one.answer : "unknown";
    const item = element("li");
    item.append(
      mark(sayWhat, texts[`answer.${sayWhat}`]),
      element("span", "question", told.questions[one.question]),
      element("span", "because", spoken(one)),
    );
    list.append(item);
  }
}

function showSteps(steps) {
  const list = box.querySelector("[data-steps]");
  list.replaceChildren();
  for (const one of steps) {
    const sayWhat = one.ok === true ? "yes" : one.ok === false ? "no" : "unknown";
    const label = texts[`step.${one.ok === true ? "passed" : one.ok === false ? "failed" : "unknown"}`];
    const item = element("li");
    item.dataset.step = one.step;
    item.append(mark(sayWhat, label), element("span", "step-name", told.steps[one.step]));
    if (one.ok !== true && spoken(one)) item.append(element("span", "because", spoken(one)));
    list.append(item);
  }
}

async function showFacts(verification, bundle, network) {
  const facts = verification.facts ?? {};
  const digest = await crypto.subtle.digest("SHA-256", network);
  const fingerprint = [...new Uint8Array(digest)].map((byte) => byte.toString(16).padStart(2, "0")).join("");
  const rows = [];
  if (facts.size !== undefined && facts.size !== null) {
    rows.push(["checkpoint", fill(texts["fact.checkpoint_value"], { size: facts.size, block: facts.block })]);
  }
  rows.push([
    "witnesses",
    Number(facts.required ?? 0) > 0
      ? fill(texts["fact.witness_value"], { signed: facts.signed, required: facts.required })
      : texts["fact.no_witness"],
  ]);
  rows.push(["network", fingerprint]);
  rows.push(["bundle", fill(texts["fact.bundle_value"], { size: bundle.length, records: facts.records?.length ?? 0 })]);
  const list = box.querySelector("[data-facts]");
  list.replaceChildren();
  for (const [name, value] of rows) {
    const row = element("div");
    row.append(element("dt", "", texts[`fact.${name}`]), element("dd", "", value));
    list.append(row);
  }
  list.hidden = false;
}

function tickRecords(verification) {
  for (const record of verification.facts?.records ?? []) {
    const hash = `0x${String(record.record_hash).replace(/^0x/, "")}`;
    for (const link of document.querySelectorAll(`[data-record="${hash}"]`)) {
      link.classList.add("proven");
      if (!link.querySelector(".proven-note")) {
        const note = element("span", "visually-hidden proven-note", ` (${texts["record.proven"]})`);
        link.append(note);
      }
    }
  }
}

async function fetchBundle() {
  const answer = await fetch(told.bundle, { headers: { Accept: "application/vnd.tidemark.proof+json, application/problem+json" } });
  if (answer.status === 202) return null;
  if (!answer.ok) throw new Error(String(answer.status));
  return new Uint8Array(await answer.arrayBuffer());
}

function isVerified(verification) {
  return typeof verification.verified === "boolean"
    ? verification.verified
    : verification.answers.every((one) => one.answer === "yes" || !(one.question in told.questions));
}

async function conclude(verification, bundle, network, milliseconds) {
  const failed = verification.steps.find((one) => one.ok === false);
  const passed = verification.steps.filter((one) => one.ok === true).length;
  showAnswers(verification.answers);
  showSteps(verification.steps);
  await showFacts(verification, bundle, network);
  box.querySelector("[data-details]").hidden = false;
  const sentences = verification.answers.filter((one) => one.answer === "no").map(spoken);
  if (failed || sentences.length > 0) {
    const values = { step: failed?.step ?? "–", name: told.steps[failed?.step] ?? "", sentence: (failed && spoken(failed)) || sentences[0] || "" };
    say("failed", values, values);
    box.querySelector(".steps-box").open = true;
    return;
  }
  if (isVerified(verification)) {
    tickRecords(verification);
    say("verified", {}, { steps: passed, ms: Math.max(1, Math.round(milliseconds)) });
  } else say("unsure", {}, { steps: passed });
}

async function run() {
  say("running");
  let bundle;
  try {
    bundle = await fetchBundle();
  } catch (error) {
    say("unreachable", {}, { why: error.message });
    return;
  }
  if (bundle === null) {
    say("pending", {}, { stage: document.querySelector(".stages .done:last-of-type span")?.textContent ?? "" });
    setTimeout(run, 4000);
    return;
  }
  try {
    const { verifyBundle } = await import("../verifier.js");
    const network = bytesOf(told.network);
    const started = performance.now();
    const verification = await verifyBundle(bundle, network, { now: new Date(), kept: null });
    await conclude(verification, bundle, network, performance.now() - started);
  } catch (error) {
    say("broken", {}, { why: error.message });
  }
}

run();
