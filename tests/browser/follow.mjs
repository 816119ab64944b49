// Asks for a call through the API and watches it complete on the open overview, list and job page, without loading any
// of them again. Needs a running `pregon serve` with the simulator.
// PREGON_API=http://127.0.0.1:5000 PREGON_DASHBOARD=http://127.0.0.1:8080 [PREGON_KEY=…] node follow.mjs
import { api, authorization, dashboard, launch, tab } from "./browser.mjs";

const PATIENCE = { timeout: 60_000 };
const browser = await launch();
const errors = [];
const open = async (path) => {
  const page = await tab(browser);
  page.on("pageerror", (error) => errors.push(`${path}: ${error}`));
  page.on("console", (line) => line.type() === "error" && errors.push(`${path}: ${line.text()}`));
  await page.goto(dashboard + path);
  // A page that is loaded again loses this mark.
  await page.evaluate(() => { window.kept = true; });
  return page;
};

const overview = await open("/");
const completed = async () => {
  const text = await overview.locator("#frag-states .k.ok + .v").textContent({ timeout: 1_000 }).catch(() => "0");
  return Number(text.replace(/\D/g, ""));
};
const before = await completed();
const answer = await fetch(`${api}/tts/call`, {
  method: "POST",
  headers: { "content-type": "application/json", ...authorization() },
  body: JSON.stringify({ text: `Prueba del navegador ${Date.now()}`, phone_number: "3005050149" }),
});
if (answer.status !== 202) throw new Error(`the API answered ${answer.status}: ${await answer.text()}`);
const { job_id: id } = await answer.json();
const job = await open(`/jobs/${id}`);
const jobs = await open("/jobs");

await job.locator("#frag-acts .tag.completed").waitFor(PATIENCE);
await job.locator("#frag-message audio").waitFor({ state: "attached", ...PATIENCE });
await jobs.locator(`tr:has(a[href="/jobs/${id}"]) .tag.completed`).waitFor(PATIENCE);
const until = Date.now() + PATIENCE.timeout;
while (await completed() <= before) {
  if (Date.now() > until) throw new Error(`the overview still counts ${before} completed jobs`);
  await overview.waitForTimeout(100);
}
for (const page of [overview, job, jobs]) {
  if (!await page.evaluate(() => window.kept)) throw new Error(`${page.url()} was loaded again`);
  const mark = await page.locator(".live").getAttribute("class");
  if (mark.includes("off")) throw new Error(`${page.url()} says that it is offline`);
}
await browser.close();
if (errors.length) throw new Error(errors.join("\n"));
console.log(`job ${id} completed on three open pages, none loaded again`);
