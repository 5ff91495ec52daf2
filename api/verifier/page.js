// verify.html: takes a network file and a bundle, shows ten answers with reasons. Works from disk, sends nothing.
import { TEXT } from "./page_text.js";
import { catalogue, checkpointOf, networkSha256, verifyBundle } from "./verify.js";

const one = (id) => document.getElementById(id);
const page = { language: preferred(), network: null, bundle: null, outcome: null, stream: null, checks: 0 };
const OUTCOMES = ["verified", "refused", "malformed", "undecided", "split"];
const MARKS = { yes: ["yes", "✓"], no: ["no", "✗"], "cannot tell": ["open", "?"] };

function preferred() {
  const kept = keep("language");
  if (kept === "en" || kept === "zh") return kept;
  return navigator.language.toLowerCase().startsWith("zh") ? "zh" : "en";
}

// Reads or writes this page's own memory, where the browser lets it.
function keep(name, value) {
  try {
    if (value !== undefined) localStorage.setItem(`tidemark ${name}`, value);
    return localStorage.getItem(`tidemark ${name}`);
  } catch {
    return null;
  }
}

const say = (name) => (name === "limits" ? catalogue.limits[page.language] : TEXT[page.language][name]);

function element(name, className, ...children) {
  const made = document.createElement(name);
  if (className) made.className = className;
  made.append(...children);
  return made;
}

function speak() {
  document.documentElement.lang = page.language === "zh" ? "zh-CN" : "en";
  for (const place of document.querySelectorAll("[data-text]")) place.textContent = say(place.dataset.text);
  for (const place of document.querySelectorAll("[data-label]")) place.setAttribute("aria-label", say(place.dataset.label));
  for (const button of document.querySelectorAll("[data-language]")) button.setAttribute("aria-pressed", String(button.dataset.language === page.language));
  showInputs();
  if (page.outcome) show(page.outcome);
}

function showInputs() {
  const { network, bundle } = page;
  one("network-state").replaceChildren(
    ...(network === null ? [] : network.error ? [say("networkWrong") + network.error] : [`${say("networkIs")}${network.name} · SHA-256 `, element("code", "", network.sha256)]),
  );
  const waiting = bundle !== null && (network === null || network.error) ? ` · ${say("networkMissing")}` : "";
  one("bundle-state").textContent = bundle === null ? "" : `${say("bundleIs")}${bundle.name}, ${bundle.bytes.length}${say("bytes")}${waiting}`;
}

// A file or pasted text is a network file when it says so, else a bundle.
async function take(name, bytes) {
  if (new TextDecoder().decode(bytes.slice(0, 1 << 20)).includes('"tidemark_network"')) {
    try {
      page.network = { bytes, name: JSON.parse(new TextDecoder().decode(bytes)).name, sha256: networkSha256(bytes) };
    } catch (error) {
      page.network = { error: error.message };
    }
  } else page.bundle = { name, bytes };
  showInputs();
  await check();
}

async function check() {
  const { network, bundle } = page;
  if (network === null || network.error || bundle === null) return;
  const area = one("outcome");
  area.hidden = false;
  area.textContent = say("working");
  page.checks += 1;
  const mine = page.checks;
  const point = checkpointOf(bundle.bytes);
  const name = point && `${network.sha256} ${point.origin}`;
  const outcome = await verifyBundle(bundle.bytes, network.bytes, { kept: name ? keep(name) : null });
  if (mine !== page.checks) return; // another file was given meanwhile
  page.outcome = outcome;
  if (name && page.outcome.answers[4].answer === "yes" && isNewer(point, keep(name))) keep(name, point.text);
  show(page.outcome);
  area.focus({ preventScroll: false });
}

function isNewer(point, kept) {
  const size = kept === null ? -1n : BigInt(kept.split("\n")[1]);
  return point.size > size;
}

function show(outcome) {
  const name = OUTCOMES[outcome.exit];
  const tone = outcome.exit === 0 ? "yes" : outcome.exit === 3 ? "open" : "no";
  const verdict = element("div", `verdict ${tone}`, element("strong", "", say(name)), element("p", "", say(`${name}Text`)));
  verdict.dataset.exit = outcome.exit;
  one("outcome").replaceChildren(verdict, answers(outcome), steps(outcome), facts(outcome));
}

function answers(outcome) {
  const list = element("ol", "answers");
  for (const { question, answer, code, sentences } of outcome.answers) {
    const [tone, letter] = MARKS[answer];
    const isAsked = outcome.asked.includes(question) || answer !== "cannot tell" || code !== null;
    const mark = element("span", `mark ${isAsked ? tone : "none"}`, isAsked ? letter : "–");
    mark.setAttribute("role", "img");
    mark.setAttribute("aria-label", say(tone));
    const reason = element("span", "reason", sentences[page.language] ?? "", ...(code ? [" ", element("code", "", code)] : []));
    const item = element("li", "", mark, element("span", "question", catalogue.questions[question][page.language]), reason);
    item.dataset.question = question;
    item.dataset.answer = answer;
    list.append(item);
  }
  return list;
}

function steps(outcome) {
  const list = element("ol");
  for (const { step, ok, code, sentences } of outcome.steps) {
    const tone = ok ? "yes" : ok === null ? "open" : "no";
    const text = element("span", "", catalogue.steps[step][page.language], ...(code ? [` — ${sentences[page.language]} `, element("code", "", code)] : []));
    const item = element("li", "", element("span", "number", String(step)), element("span", tone, ok ? "✓" : ok === null ? "·" : "✗"), text);
    item.dataset.step = step;
    item.dataset.ok = String(ok);
    list.append(item);
  }
  const details = element("details", "steps", element("summary", "", say("steps")), list);
  details.open = outcome.exit !== 0;
  return details;
}

function facts(outcome) {
  const list = element("dl");
  const add = (name, value) => list.append(element("dt", "", say(name)), element("dd", "", value));
  const { size, block, origin, made_at: made, records } = outcome.facts;
  if (origin) add("checkpoint", `${origin} · ${size}${say("events")}${block}`);
  if (made) add("made", made);
  for (const record of records ?? []) add("record", `${record.kind} · ${record.device} · ${new Date(record.observed_at_ms).toISOString()} · ${record.record_hash}`);
  return list;
}

async function takeFile(file) {
  if (file) await take(file.name, new Uint8Array(await file.arrayBuffer()));
}

// A code holds a bundle's text; the camera is offered only where the browser reads codes by itself.
async function scan() {
  const detector = new globalThis.BarcodeDetector({ formats: ["qr_code"] });
  page.stream = await navigator.mediaDevices.getUserMedia({ video: { facingMode: "environment" } });
  one("camera").hidden = false;
  const video = one("video");
  video.srcObject = page.stream;
  await video.play();
  while (page.stream) {
    const [found] = await detector.detect(video);
    if (found) {
      stopScan();
      await take("QR", new TextEncoder().encode(found.rawValue));
      return;
    }
    await new Promise((resolve) => setTimeout(resolve, 200));
  }
}

function stopScan() {
  for (const track of page.stream?.getTracks() ?? []) track.stop();
  page.stream = null;
  one("camera").hidden = true;
}

for (const button of document.querySelectorAll("[data-language]")) {
  button.addEventListener("click", () => {
    page.language = button.dataset.language;
    keep("language", page.language);
    speak();
  });
}
for (const id of ["network-file", "bundle-file"]) {
  one(id).addEventListener("change", ({ target }) => {
    const [file] = target.files;
    target.value = ""; // so that the same file, changed meanwhile, may be chosen again
    takeFile(file);
  });
}
one("take").addEventListener("click", () => take(say("paste"), new TextEncoder().encode(one("pasted").value)));
one("scan").hidden = !("BarcodeDetector" in globalThis && navigator.mediaDevices);
one("scan").addEventListener("click", () => scan().catch(stopScan));
one("stop").addEventListener("click", stopScan);
document.addEventListener("dragover", (event) => {
  event.preventDefault();
  one("drop").classList.add("over");
});
document.addEventListener("dragleave", () => one("drop").classList.remove("over"));
document.addEventListener("drop", async (event) => {
  event.preventDefault();
  one("drop").classList.remove("over");
  for (const file of event.dataTransfer.files) await takeFile(file);
});
speak();
