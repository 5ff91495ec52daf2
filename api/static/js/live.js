// Keeps the live page alive: server-sent events, or polling where they do not get through.

const box = document.querySelector("[data-live]");
const told = JSON.parse(box.dataset.live);
const texts = told.texts;
const STAGES = ["kept", "sealed", "pinned", "final", "proven"];
const sales = box.querySelector("[data-sales]");
const ticker = box.querySelector("[data-ticker]");
const template = box.querySelector("[data-row]");
const clock = new Intl.DateTimeFormat(told.language, { timeZone: told.zone, hour: "2-digit", minute: "2-digit", second: "2-digit", hour12: false });
const pinnedIn = new Map();
let cursor = told.cursor;

function fill(text, values) {
  return (text ?? "").replace(/\{(\w+)\}/g, (_all, key) => String(values[key] ?? ""));
}

function grouped(digits) {
  return digits.replace(/\B(?=(\d{3})+$)/g, "\u202f");
}

function decimal(value, digits) {
  const text = String(Math.abs(value)).padStart(digits + 1, "0");
  const whole = digits ? text.slice(0, -digits) : text;
  return (value < 0 ? "\u2212" : "") + grouped(whole) + (digits ? `.${text.slice(-digits)}` : "");
}

function weight(grams) {
  return Math.abs(grams) >= 1000 ? `${decimal(grams, 3)} kg` : `${decimal(grams, 0)} g`;
}

function money(minor, currency) {
  return currency === "CNY" ? `¥${decimal(minor, 2)}` : `${currency} ${decimal(minor, 2)}`;
}

function span(milliseconds) {
  if (milliseconds === null || milliseconds === undefined) return texts.none;
  let left = Math.max(0, Math.floor(milliseconds / 1000));
  const parts = [];
  for (const [size, unit] of [[86400, "day"], [3600, "hour"], [60, "minute"], [1, "second"]]) {
    if (left >= size || (size === 1 && parts.length === 0)) {
      parts.push(`${Math.floor(left / size)}\u202f${texts[unit]}`);
      left %= size;
    }
  }
  return parts.slice(0, 2).join(" ");
}

function figure(name, text) {
  for (const one of box.querySelectorAll(`[data-figure="${name}"]`)) if (one.textContent !== text) one.textContent = text;
}

function showState(state) {
  cursor = state.cursor;
  figure("sales_today", decimal(state.sales_today, 0));
  figure("grams_today", weight(state.grams_today));
  figure("minor_today", money(state.minor_today, state.currency));
  figure("head_block", state.head_block === null ? "–" : String(state.head_block));
  figure("final_block", state.final_block === null ? "–" : String(state.final_block));
  for (const name of ["records_kept", "records_sealed", "records_pinned"]) figure(name, decimal(state[name], 0));
  for (const name of ["oldest_unsealed_age_ms", "oldest_unpinned_age_ms"]) figure(name, span(state[name]));
  figure("checkpoint_size", state.checkpoint ? grouped(state.checkpoint.size) : "–");
  figure("checkpoint_age", state.checkpoint ? span(state.checkpoint.age_ms) : "–");
  // A page that was away, or joined late, catches up with what is final and proven.
  if (state.final_block !== null) reach(state.final_block, "final");
  if (state.checkpoint) reach(state.checkpoint.block, "proven");
}

function setStage(row, stage) {
  if (STAGES.indexOf(stage) <= STAGES.indexOf(row.dataset.stage)) return;
  row.dataset.stage = stage;
  row.querySelectorAll(".track i").forEach((dot, place) => dot.classList.toggle("on", place <= STAGES.indexOf(stage)));
  row.querySelector("[data-stage-text]").textContent = texts[stage];
}

function rowsIn(stream, first, count) {
  return [...sales.querySelectorAll(".sale-row")].filter(
    (row) => row.dataset.stream === stream && Number(row.dataset.position) >= first && Number(row.dataset.position) < first + count,
  );
}

function reach(block, stage) {
  for (const [row, number] of pinnedIn) {
    if (!row.isConnected) pinnedIn.delete(row);
    else if (number <= block) setStage(row, stage);
  }
}

function addSale(body) {
  if (body.kind && body.kind !== "sale") {
    tell(body.kind, body, body.hash && `/records/${body.hash}`);
    return;
  }
  if (sales.querySelector(`[data-hash="${body.hash}"]`)) return;
  sales.querySelector(".empty")?.remove();
  const row = template.content.firstElementChild.cloneNode(true);
  row.dataset.hash = body.hash;
  row.dataset.stream = body.stream;
  row.dataset.position = body.position;
  row.classList.add("new");
  row.querySelector(".sale-time").textContent = clock.format(new Date(body.at));
  const name = row.querySelector(".sale-name");
  name.textContent = told.items[body.item_code] ?? body.item_name ?? body.item ?? "";
  name.href = body.page_url ?? `/records/${body.hash}`;
  row.querySelector(".sale-mass").textContent = body.grams === undefined ? "" : weight(body.grams);
  setStage(row, "kept");
  sales.prepend(row);
  while (sales.children.length > told.rows) sales.lastElementChild.remove();
}

const batches = new Map();

function onSealed(body) {
  batches.set(`${body.stream} ${body.sequence}`, body);
  if (batches.size > 400) batches.delete(batches.keys().next().value);
  rowsIn(body.stream, body.first_position, body.count).forEach((row) => setStage(row, "sealed"));
}

function onPinned(body) {
  const batch = batches.get(`${body.stream} ${body.sequence}`);
  if (!batch) return;
  for (const row of rowsIn(batch.stream, batch.first_position, batch.count)) {
    setStage(row, "pinned");
    pinnedIn.set(row, body.block);
  }
}

function tell(name, body, href) {
  const key = `event_${name}`;
  if (!(key in texts)) return;
  ticker.querySelector(".empty")?.remove();
  const item = document.createElement("li");
  const time = document.createElement("time");
  time.textContent = body.at ? clock.format(new Date(body.at)) : "";
  const text = document.createElement(href ? "a" : "span");
  if (href) text.href = href;
  const item_name = told.items[body.item_code] ?? body.item_name ?? body.item ?? "";
  text.textContent = fill(texts[key], { ...body, item: item_name, grams: body.grams === undefined ? "" : weight(body.grams) });
  item.append(time, text);
  ticker.prepend(item);
  while (ticker.children.length > 12) ticker.lastElementChild.remove();
}

const HANDLERS = {
  sale: (body) => addSale(body),
  sealed(body) {
    onSealed(body);
    if (body.count) tell("sealed", body);
  },
  pinned(body) {
    onPinned(body);
    if (body.count) tell("pinned", body, `/explorer/pins/${body.stream}/${body.sequence}`);
  },
  final(body) {
    reach(body.block, "final");
  },
  checkpoint(body) {
    reach(body.block, "proven");
    tell("checkpoint", body, "/explorer/checkpoints");
  },
  test: (body) => tell("test", { ...body, result: texts[`result_${body.result}`] ?? "" }, body.hash && `/records/${body.hash}`),
  hold(body) {
    const lot = body.lot_id?.split("/").pop() ?? "";
    tell(body.state === "open" ? "release" : "hold", { ...body, lot }, body.lot_id && `/lots/${body.lot_id}`);
  },
  lot: (body) => tell("lot", body, body.hash && `/records/${body.hash}`),
  refusal: (body) => tell("refusal", body),
  device: (body) => tell("device", body, body.device && `/devices/${body.device}`),
};

function link(state, text) {
  const shown = box.querySelector("[data-link]");
  shown.dataset.state = state;
  shown.querySelector("[data-link-text]").textContent = text;
}

async function poll() {
  link("polling", texts.polling);
  try {
    const answer = await fetch(`${told.tiles}?cursor=${encodeURIComponent(cursor)}`);
    if (answer.ok) {
      const tiles = await answer.json();
      for (const event of tiles.events) HANDLERS[event.type]?.(event.body);
      showState(tiles.state);
    }
  } catch {
    // The next round tries again.
  }
  setTimeout(poll, 5000);
}

function listen() {
  let failures = 0;
  const source = new EventSource(`${told.stream}?cursor=${encodeURIComponent(cursor)}`);
  link("off", texts.connecting);
  source.addEventListener("open", () => {
    failures = 0;
    link("on", texts.connected);
  });
  source.addEventListener("error", () => {
    link("off", texts.connecting);
    failures += 1;
    if (failures >= 4) {
      source.close();
      poll();
    }
  });
  source.addEventListener("state", (event) => showState(JSON.parse(event.data)));
  source.addEventListener("resync", () => location.reload());
  for (const [name, handle] of Object.entries(HANDLERS)) {
    source.addEventListener(name, (event) => handle(JSON.parse(event.data)));
  }
}

if (typeof EventSource === "undefined") poll();
else listen();
