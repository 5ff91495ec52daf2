// Steps with codes, and the answers to the ten questions. Sentences are those of `sentences.json`, shared with Python.
import catalogue from "../../ledger_node/proof/sentences.json";

export { catalogue };
export const LANGUAGES = ["en", "zh"];
const STEPS = Array.from({ length: 18 }, (_, place) => place + 1);
const QUESTIONS = Array.from({ length: 10 }, (_, place) => place + 1);
const RESTING_ON_THE_LOG = [2, 3, 4, 6, 7, 8, 10];

// Exit codes of `tidemark verify`, used as outcomes here too.
export const [VERIFIED, REFUSED, MALFORMED, UNDECIDED, TWO_PASTS] = [0, 1, 2, 3, 4];

export function fill(forms, values) {
  return Object.fromEntries(
    LANGUAGES.map((language) => [
      language,
      forms[language].replace(/\{(\w+)\}/g, (_, name) => {
        const value = values[name];
        if (value === undefined || value === null) return "?";
        return typeof value === "string" && catalogue.words[value] ? catalogue.words[value][language] : String(value);
      }),
    ]),
  );
}

const sentence = (code, values) => fill(catalogue.codes[code] ?? catalogue[code], values);

export function conclude(kind, unsorted, asked, facts) {
  const findings = unsorted.map((one, place) => [one, place]).sort((a, b) => a[0].step - b[0].step || a[1] - b[1]).map(([one]) => one);
  const answers = QUESTIONS.map((question) => answer(question, findings, asked, facts));
  const steps = STEPS.map((number) => step(number, findings));
  const outcome = { kind, answers, steps, findings, asked, facts: plain(facts) };
  outcome.exit = exitCode(outcome);
  outcome.verified = outcome.exit === VERIFIED;
  return outcome;
}

// Facts as JSON can carry them: big integers as numbers where those are exact, else as text.
function plain(value) {
  if (typeof value === "bigint") return value <= BigInt(Number.MAX_SAFE_INTEGER) ? Number(value) : String(value);
  if (Array.isArray(value)) return value.map(plain);
  if (typeof value === "object" && value !== null) return Object.fromEntries(Object.entries(value).map(([name, one]) => [name, plain(one)]));
  return value;
}

const worstOf = (mine) => mine.find((one) => one.say === "no") ?? mine[0];

function step(number, findings) {
  if (findings.some((one) => one.step <= 2 && one.step < number)) return { step: number, ok: null, code: null, sentences: {} };
  const worst = worstOf(findings.filter((one) => one.step === number));
  if (!worst) return { step: number, ok: true, code: null, sentences: {} };
  return { step: number, ok: worst.say === "no" ? false : null, code: worst.code, sentences: sentence(worst.code, worst.values) };
}

function answer(question, findings, asked, facts) {
  const say = (word, code, sentences) => ({ question, answer: word, code, sentences });
  const unread = findings.find((one) => one.step <= 2);
  if (unread) return say("cannot tell", unread.code, fill(catalogue.unread, {}));
  const worst = worstOf(findings.filter((one) => one.questions.includes(question)));
  const isAsked = asked.includes(question);
  if (worst && (isAsked || worst.say === "no")) return say(worst.say, worst.code, sentence(worst.code, worst.values));
  if (!isAsked) return say("cannot tell", null, fill(catalogue.unasked, {}));
  const base = findings.find((one) => [3, 4, 8].includes(one.step) && one.say === "no");
  if (base && RESTING_ON_THE_LOG.includes(question)) return say("cannot tell", base.code, fill(catalogue.unproven, {}));
  const name = question === 5 && !facts.required ? "5.none" : String(question);
  return say("yes", null, fill(catalogue.yes[name], facts));
}

// For a consumer; banks and auditors use the command line.
function exitCode({ findings, answers, asked }) {
  const codes = findings.map((one) => one.code);
  if (codes.some((code) => ["malformed", "not_canonical", "bad_member"].includes(code))) return MALFORMED;
  if (codes.includes("history_split")) return TWO_PASTS;
  if (answers.some((one) => one.answer === "no")) return REFUSED;
  return answers.every((one) => one.answer === "yes" || one.question === 10 || !asked.includes(one.question)) ? VERIFIED : UNDECIDED;
}
