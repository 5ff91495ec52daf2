// Reads a receipt's code with the camera or from a picture, and goes to the item's page on this server.
// Only the path of what was read is used: a code can never lead to another host.
(() => {
  const box = document.querySelector("[data-scan]");
  if (!box) return;
  const texts = JSON.parse(box.dataset.scan);
  const video = box.querySelector("[data-video]");
  const rest = box.querySelector("[data-rest]");
  const start = box.querySelector("[data-start]");
  const state = box.querySelector("[data-state]");
  const file = document.querySelector("[data-file]");
  let stream = null;

  function say(name, values = {}) {
    state.textContent = (texts[name] ?? "").replace(/\{(\w+)\}/g, (_all, key) => String(values[key] ?? ""));
  }

  function pathOf(text) {
    const link = /^(?:https?:\/\/[^/?#]+)?(\/01\/\d{14}\/21\/[0-9A-Z]{17}|\/t\/[0-9A-Z]{17})\/?(?:[?#].*)?$/i.exec(text.trim());
    if (link) return link[1];
    return /^[0-9A-Z]{17}$/i.test(text.trim()) ? `/t/${text.trim().toUpperCase()}` : null;
  }

  function take(codes) {
    for (const code of codes) {
      const path = pathOf(code.rawValue);
      if (path) {
        say("found");
        stop();
        location.assign(path);
        return true;
      }
      say("foreign", { text: code.rawValue.slice(0, 60) });
    }
    return false;
  }

  function stop() {
    stream?.getTracks().forEach((track) => track.stop());
    stream = null;
  }

  function reader() {
    const { BarcodeDetector, prepareZXingModule } = globalThis.BarcodeDetectionAPI;
    prepareZXingModule({ overrides: { locateFile: () => box.dataset.wasm } });
    return new BarcodeDetector({ formats: ["qr_code"] });
  }

  async function look(detector) {
    while (stream) {
      if (video.readyState >= HTMLMediaElement.HAVE_CURRENT_DATA && take(await detector.detect(video))) return;
      await new Promise((resume) => setTimeout(resume, 120));
    }
  }

  async function begin() {
    start.disabled = true;
    say("starting");
    let detector;
    try {
      detector = reader();
    } catch {
      say("broken");
      return;
    }
    try {
      stream = await navigator.mediaDevices.getUserMedia({ video: { facingMode: { ideal: "environment" } }, audio: false });
    } catch (error) {
      say(error.name === "NotAllowedError" ? "denied" : "no_camera");
      start.disabled = false;
      return;
    }
    video.srcObject = stream;
    video.hidden = false;
    rest.hidden = true;
    await video.play();
    say("looking");
    try {
      await look(detector);
    } catch {
      say("broken");
    }
  }

  async function fromPicture() {
    const picture = file.files[0];
    if (!picture) return;
    say("looking");
    try {
      const codes = await reader().detect(await createImageBitmap(picture));
      if (codes.length === 0) say("nothing");
      else take(codes);
    } catch {
      say("nothing");
    }
  }

  start.disabled = !navigator.mediaDevices?.getUserMedia;
  if (start.disabled) say("no_camera");
  start.addEventListener("click", begin);
  file.addEventListener("change", fromPicture);
  addEventListener("pagehide", stop);
})();
