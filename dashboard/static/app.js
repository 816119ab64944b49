// Everything works without this file: it keeps the page up to date, remembers the theme, copies code and plays the clip.
const root = document.documentElement;
document.querySelectorAll("[data-set-theme]").forEach((button, _, all) => button.addEventListener("click", () => {
  root.dataset.theme = button.dataset.setTheme;
  document.cookie = `pregon_theme=${root.dataset.theme}; path=/; max-age=31536000; samesite=strict`;
  all.forEach((b) => b.setAttribute("aria-pressed", String(b === button)));
}));

document.addEventListener("click", async (event) => {
  const copy = event.target.closest("[data-copy]");
  if (copy) {
    await navigator.clipboard.writeText(document.getElementById(copy.dataset.copy).textContent);
    copy.querySelector("span").textContent = copy.dataset.done;
  }
  const audio = event.target.closest(".take")?.querySelector("audio");
  if (audio && event.target.closest(".play")) audio.paused ? audio.play() : audio.pause();
  const wave = event.target.closest(".wave")?.getBoundingClientRect();
  if (wave && audio.duration) audio.currentTime = audio.duration * (event.clientX - wave.left) / wave.width;
});
for (const name of ["play", "pause", "timeupdate"]) document.addEventListener(name, ({ target: audio }) => {
  const take = audio.closest(".take"), at = Math.floor(audio.currentTime);
  if (!take) return; // the radio has the browser's own controls
  take.querySelector(".play").setAttribute("aria-pressed", String(!audio.paused));
  take.querySelector(".at").textContent = `${Math.floor(at / 60)}:${String(at % 60).padStart(2, "0")}`;
  take.querySelector("clipPath rect")?.setAttribute("width", String(600 * audio.currentTime / (audio.duration || 1)));
}, true); // media events do not bubble; they are caught on the way down

// Hearing a text first: only its form is made anew, so that the station plays on.
document.addEventListener("submit", async (event) => {
  const { target: form, submitter } = event;
  if (submitter?.value !== "preview") return;
  event.preventDefault();
  submitter.ariaBusy = "true";
  const body = new URLSearchParams(new FormData(form, submitter));
  const answer = await fetch(form.action, { method: "POST", body }).catch(() => submitter.ariaBusy = null);
  if (!answer) return; // nothing was sent, and nothing is lost
  const page = new DOMParser().parseFromString(await answer.text(), "text/html");
  const sheet = form.closest("#announce") ?? document.getElementById("try"), fresh = page.getElementById(sheet.id);
  if (!fresh) return location.reload(); // signed out meanwhile
  sheet.replaceWith(fresh);
  (fresh.querySelector("[aria-invalid], .take .play") ?? fresh.querySelector("[value=preview]")).focus();
  fresh.querySelector(".take audio")?.play().catch(() => {}); // some browsers want another press
});
document.addEventListener("input", ({ target }) => { // what was heard is not what stands there now
  const heard = document.getElementById("a-heard");
  const buttons = heard?.querySelector(":scope > .row");
  if (heard && target.matches("#a-text, #a-language, #a-voice, [name=ssml]")) heard.replaceChildren(...buttons ? [buttons] : []);
});

const waiting = new Map(); // newest version of each element that could not be put in place yet
const inUse = (element) => element.contains(document.activeElement) || element.querySelector(".ask[open]")
  || [...element.querySelectorAll("audio")].some((audio) => !audio.paused)
  || (!getSelection().isCollapsed && getSelection().containsNode(element, true));
const place = () => waiting.forEach((fresh, id) => {
  const old = document.getElementById(id);
  if (!old || inUse(old)) return;
  waiting.delete(id);
  // What is announced must stay in the page; only what it says may change.
  if (old.ariaLive) old.replaceChildren(...fresh.childNodes); else old.replaceWith(fresh);
});

const mark = document.querySelector(".live"), words = mark?.textContent;
let source, silence;
const hear = (heard) => {
  clearTimeout(silence);
  mark.classList.toggle("off", !heard);
  mark.textContent = heard ? words : mark.dataset.offline;
  if (heard) silence = setTimeout(hear, 12000, false);
};
const listen = () => {
  source?.close();
  if (document.hidden) return; // a browser opens six connections to a server, and a hidden tab needs none
  source = new EventSource(document.body.dataset.live);
  source.addEventListener("frags", ({ data }) => {
    const box = Object.assign(document.createElement("template"), { innerHTML: data });
    for (const fresh of [...box.content.children]) waiting.set(fresh.id, fresh);
    place(), hear(true);
  });
  source.addEventListener("leave", () => location.reload());
  source.onerror = () => { hear(false); if (source.readyState === EventSource.CLOSED) setTimeout(listen, 3000); };
};
if ("retry" in document.body.dataset) setTimeout(() => location.reload(), 5000);
if (document.body.dataset.live) { listen(); document.addEventListener("visibilitychange", listen); }
