// Listens to the station on its own page while an announcement is made and a track changes: the sound must not stop, and
// the page must say what is on air. Then looks for barriers on the page. Needs a running `pregon serve` with a voice.
// PREGON_API=http://127.0.0.1:5000 PREGON_RADIO=http://127.0.0.1:8005 [PREGON_KEY=…] node radio.mjs [folder for pictures]
import { mkdir, mkdtemp, readFile, rm, writeFile } from "node:fs/promises";
import { createRequire } from "node:module";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { api, authorization, launch, radio, tab, themes, widths } from "./browser.mjs";

const PATIENCE = { timeout: 60_000 };
const shots = process.argv[2];
const folder = await mkdtemp(join(tmpdir(), "pregon-radio-"));

/** A WAV file of a tone. */
const tone = (hertz, seconds, rate = 48_000) => {
  const wav = Buffer.alloc(44 + 2 * rate * seconds);
  wav.write("RIFF", 0); wav.writeUInt32LE(wav.length - 8, 4); wav.write("WAVEfmt ", 8); wav.writeUInt32LE(16, 16);
  wav.writeUInt16LE(1, 20); wav.writeUInt16LE(1, 22); wav.writeUInt32LE(rate, 24); wav.writeUInt32LE(2 * rate, 28);
  wav.writeUInt16LE(2, 32); wav.writeUInt16LE(16, 34); wav.write("data", 36); wav.writeUInt32LE(wav.length - 44, 40);
  for (let at = 0; at < rate * seconds; at += 1) {
    wav.writeInt16LE(Math.round(8_000 * Math.sin((2 * Math.PI * hertz * at) / rate)), 44 + 2 * at);
  }
  return wav;
};

const ask = async (url, body) => {
  const headers = { "content-type": "application/json", ...authorization() };
  const answer = await fetch(url, { method: "POST", headers, body: JSON.stringify(body ?? {}) });
  if (!answer.ok) throw new Error(`${url} answered ${answer.status}: ${await answer.text()}`);
};

/** Runs in the page before its own script: keeps every player that it makes, and what happens to it. */
const overhear = () => {
  const Native = window.Audio;
  window.players = [];
  window.Audio = function (address) {
    const audio = new Native(address);
    const player = { audio, troubles: [], silent: 0, stuck: 0, waits: 0 };
    window.players.push(player);
    for (const trouble of ["error", "ended", "stalled", "pause", "abort", "emptied"]) {
      audio.addEventListener(trouble, () => player.troubles.push(trouble));
    }
    audio.addEventListener("playing", () => {
      if (player.began) return;
      player.began = { at: performance.now(), position: audio.currentTime };
      audio.addEventListener("waiting", () => { player.waits += 1; });
      const context = new AudioContext();
      const ears = new AnalyserNode(context, { fftSize: 4096 });
      context.createMediaElementSource(audio).connect(ears).connect(context.destination);
      const sound = new Float32Array(ears.fftSize);
      let heard = performance.now() + 1_000, moved = performance.now(), position = audio.currentTime;
      setInterval(() => {
        const now = performance.now();
        ears.getFloatTimeDomainData(sound);
        if (sound.some((sample) => Math.abs(sample) > 0.003)) { heard = Math.max(heard, now); player.sounded = true; }
        if (audio.currentTime > position) { position = audio.currentTime; moved = now; }
        player.silent = Math.max(player.silent, now - heard);
        player.stuck = Math.max(player.stuck, now - moved);
      }, 50);
    });
    return audio;
  };
};

const browser = await launch();
const errors = [];
const page = await tab(browser, widths.desktop, "light", "es-CO");
page.on("pageerror", (error) => errors.push(String(error)));
page.on("console", (line) => line.type() === "error" && errors.push(line.text()));
await page.addInitScript(overhear);
await page.goto(radio);
// A page that is loaded again loses this mark.
await page.evaluate(() => { window.kept = true; });
const title = () => page.locator("#title").textContent();
const announcing = page.locator("#tag.announcing");

await page.click("#play");
await page.waitForFunction(() => window.players[0]?.sounded, undefined, PATIENCE);
const before = await title();

await ask(`${api}/tts/broadcast`, { text: `Prueba de la radio ${Date.now()}: se oye sin cortes.`, language: "es" });
await announcing.waitFor(PATIENCE);
if (shots) {
  await mkdir(shots, { recursive: true });
  await page.screenshot({ path: join(shots, "player-announcing-desktop-light.png") });
}
if (await title() !== before) throw new Error("an announcement shows no title of its own to the public");
await announcing.waitFor({ state: "detached", ...PATIENCE });

const wish = join(folder, "Una canción pedida.wav");
await writeFile(wish, tone(330, 12));
await ask(`${radio}/station/queue`, { file: wish });
const titled = (wanted) => page.waitForFunction((text) => document.getElementById("title").textContent === text, wanted, PATIENCE);
await titled("Una canción pedida");
await ask(`${api}/tts/broadcast`, { text: "Y otro aviso, a mitad de la canción.", language: "es", mode: "duck" });
await announcing.waitFor(PATIENCE);
await announcing.waitFor({ state: "detached", ...PATIENCE });
await titled(before);
// A little more, for what the browser had in store when the track changed.
await page.waitForTimeout(3_000);

const heard = await page.evaluate(() => {
  const [{ audio, began, troubles, silent, stuck, waits }] = window.players;
  return {
    players: window.players.length, troubles, silent, stuck, waits, paused: audio.paused,
    wall: (performance.now() - began.at) / 1000, played: audio.currentTime - began.position, kept: window.kept,
  };
});
if (heard.players !== 1) errors.push(`it had to tune in ${heard.players} times`);
if (heard.troubles.length || heard.paused) errors.push(`the player stopped: ${heard.troubles}`);
if (heard.stuck > 1_000) errors.push(`nothing was played for ${heard.stuck} ms`);
if (heard.silent > 1_500) errors.push(`nothing was heard for ${heard.silent} ms`);
if (Math.abs(heard.played - heard.wall) > 1) errors.push(`${heard.played} s were played in ${heard.wall} s`);
if (!heard.kept) errors.push("the page was loaded again");

await page.click("#play");
if (await page.evaluate(() => !window.players[0].audio.paused)) errors.push("it plays on after a stop");

const axe = await readFile(createRequire(import.meta.url).resolve("axe-core/axe.min.js"), "utf8");
let looks = 0;
for (const [size, width] of Object.entries(widths)) {
  for (const theme of themes) {
    for (const language of ["es-CO", "en-GB"]) {
      const look = await tab(browser, width, theme, language);
      await look.goto(radio);
      await look.waitForFunction(() => !document.getElementById("time").hidden, undefined, PATIENCE);
      const name = `player-${language.slice(0, 2)}-${size}-${theme}`;
      if (shots) await look.screenshot({ path: join(shots, `${name}.png`), fullPage: true });
      const { violations } = await look.evaluate(`${axe}; axe.run()`);
      const wide = await look.evaluate(() => document.documentElement.scrollWidth > innerWidth);
      if (wide) errors.push(`${name} scrolls sideways`);
      for (const { impact, id, nodes } of violations) {
        const where = nodes.map((node) => node.target.join(" ")).slice(0, 4).join(", ");
        if (impact === "serious" || impact === "critical") errors.push(`${impact} ${id}: ${name}: ${where}`);
      }
      looks += 1;
      await look.context().close();
    }
  }
}
await browser.close();
await rm(folder, { recursive: true });
if (errors.length) throw new Error(errors.join("\n"));
console.log(`${heard.played.toFixed(1)} s played in ${heard.wall.toFixed(1)} s through two announcements and two titles; ` +
  `longest standstill ${(heard.stuck / 1000).toFixed(2)} s, waits ${heard.waits}; ${looks} looks at the player, no serious barrier`);
