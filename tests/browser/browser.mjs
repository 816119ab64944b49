// What the scripts share: where Pregon answers, the browser, and the pages to look at.
import { chromium } from "playwright-core";

export const api = process.env.PREGON_API ?? "http://127.0.0.1:5000";
export const dashboard = process.env.PREGON_DASHBOARD ?? "http://127.0.0.1:8080";
export const radio = process.env.PREGON_RADIO ?? "http://127.0.0.1:8005";
const key = process.env.PREGON_KEY;

export const widths = { desktop: 1440, phone: 390 };
export const themes = ["light", "dark"];

export const launch = () => chromium.launch({
  executablePath: process.env.CHROMIUM ?? "/usr/bin/chromium",
  args: ["--no-sandbox", "--disable-gpu", "--no-first-run", "--disable-background-networking"],
});

/** A tab of that width and theme, signed in when `PREGON_KEY` is set. */
export const tab = async (browser, width = 1440, theme = "light", language = "es-CO") => {
  const context = await browser.newContext({
    viewport: { width, height: width < 600 ? 844 : 1000 }, colorScheme: theme, locale: language, reducedMotion: "reduce",
  });
  const page = await context.newPage();
  if (key) {
    await page.goto(`${dashboard}/signin`);
    await page.fill("#key", key);
    await page.click("button.go");
    await page.waitForURL(`${dashboard}/`);
  }
  return page;
};

/** Every page by a short name: one job of each state there is. */
export const pages = async (page) => {
  const found = { overview: "/", jobs: "/jobs", radio: "/radio", speech: "/speech", "not-found": "/nothing-here" };
  for (const state of ["scheduled", "queued", "processing", "dispatched", "completed", "failed", "cancelled"]) {
    await page.goto(`${dashboard}/jobs?status=${state}`);
    const link = page.locator(".f-who a").first();
    if (await link.count()) found[`job-${state}`] = await link.getAttribute("href");
  }
  await page.goto(`${dashboard}/jobs?kind=air`);
  const airing = page.locator(".f-who a").first();
  if (await airing.count()) found["job-air"] = await airing.getAttribute("href");
  if (key) found.signin = "/signin";
  return found;
};

export const authorization = () => (key ? { authorization: `Bearer ${key}` } : {});
