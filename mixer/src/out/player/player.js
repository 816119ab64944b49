// Plays the stream and shows what is on air. Titles come as events, so the stream itself never ends.
const el = (id) => document.getElementById(id);
const [play, state, tag] = [el("play"), el("state"), el("tag")];

// ---- listening ----
let audio = null;
let attempt = 0;
let retry = 0;

// Where there is a choice, a browser without Opus begins with a stream that it can play.
const choices = [...document.querySelectorAll("input[name=stream]")];
const playable = choices.find((choice) => new Audio().canPlayType(choice.dataset.type === "audio/ogg" ? "audio/ogg; codecs=opus" : choice.dataset.type));
if (playable) playable.checked = true;

const path = () => document.querySelector("input[name=stream]:checked")?.value ?? document.querySelector("footer a").getAttribute("href");
const say = (word) => { state.textContent = word ? state.dataset[word] : ""; };

function tune() {
  clearTimeout(retry);
  release();
  say(attempt ? "lost" : "tuning");
  // Two seconds in store: a browser that runs dry, be it for a moment, stops for seconds. And a fresh address each time:
  // browsers must not answer from what they heard before.
  audio = new Audio(`${path()}?burst=2000&${Date.now()}`);
  audio.volume = Number(el("volume").value);
  audio.addEventListener("playing", () => { attempt = 0; say("playing"); });
  for (const trouble of ["error", "ended"]) audio.addEventListener(trouble, again);
  audio.play().catch((error) => { if (error.name === "NotAllowedError") stop(); });
}

function again() {
  attempt += 1;
  say("lost");
  clearTimeout(retry);
  retry = setTimeout(tune, Math.min(500 * 2 ** attempt, 8000));
}

function release() {
  if (!audio) return;
  for (const trouble of ["error", "ended"]) audio.removeEventListener(trouble, again);
  audio.pause();
  // Without this the browser goes on receiving.
  audio.removeAttribute("src");
  audio.load();
  audio = null;
}

function stop() {
  clearTimeout(retry);
  attempt = 0;
  release();
  show(false);
  say("");
}

function show(listening) {
  play.setAttribute("aria-pressed", String(listening));
  play.querySelector("span").textContent = listening ? play.dataset.stop : play.dataset.listen;
}

play.addEventListener("click", () => { if (play.getAttribute("aria-pressed") === "true") stop(); else { show(true); tune(); } });
el("volume").addEventListener("input", (event) => { if (audio) audio.volume = Number(event.target.value); });
for (const choice of choices) choice.addEventListener("change", () => { if (audio) tune(); });

// ---- what is on air ----
let onAir = null;

const clock = (seconds) => {
  const whole = Math.max(0, Math.floor(seconds));
  const [hours, minutes, rest] = [Math.floor(whole / 3600), Math.floor(whole / 60) % 60, String(whole % 60).padStart(2, "0")];
  return hours ? `${hours}:${String(minutes).padStart(2, "0")}:${rest}` : `${minutes}:${rest}`;
};

function tick() {
  const known = onAir && onAir.elapsed !== null;
  el("time").hidden = !known;
  if (!known) return;
  const passed = onAir.paused ? 0 : (performance.now() - onAir.received) / 1000;
  const length = onAir.remaining === null ? null : onAir.elapsed + onAir.remaining;
  const elapsed = Math.min(onAir.elapsed + passed, length ?? Infinity);
  el("elapsed").textContent = clock(elapsed);
  el("remaining").textContent = length === null ? "" : `−${clock(length - elapsed)}`;
  el("progress").hidden = length === null;
  if (length) el("progress").value = elapsed / length;
}

new EventSource("events").addEventListener("message", (event) => {
  onAir = { ...JSON.parse(event.data), received: performance.now() };
  const announcing = onAir.tier === "interrupt";
  tag.textContent = announcing ? tag.dataset.announcement : tag.dataset.onAir;
  tag.classList.toggle("announcing", announcing);
  const title = onAir.title ?? el("title").dataset.nothing;
  // Written only when it changes, or screen readers would repeat it.
  if (el("title").textContent !== title) el("title").textContent = title;
  if (el("artist").textContent !== (onAir.artist ?? "")) el("artist").textContent = onAir.artist ?? "";
  if ("mediaSession" in navigator) navigator.mediaSession.metadata = new MediaMetadata({ title, artist: onAir.artist ?? "" });
  tick();
});
setInterval(tick, 500);
