// Takes a picture of every page, desktop and phone, light and dark.
// PREGON_DASHBOARD=http://127.0.0.1:8080 [PREGON_KEY=…] node screenshots.mjs folder
import { mkdir } from "node:fs/promises";
import { join } from "node:path";
import { dashboard, launch, pages, tab, themes, widths } from "./browser.mjs";

const folder = process.argv[2];
if (!folder) throw new Error("name the folder for the pictures");
await mkdir(folder, { recursive: true });
const browser = await launch();
const list = await pages(await tab(browser));
for (const [size, width] of Object.entries(widths)) {
  for (const theme of themes) {
    const page = await tab(browser, width, theme);
    for (const [name, path] of Object.entries(list)) {
      await page.goto(dashboard + path);
      await page.evaluate(() => document.fonts.ready);
      await page.screenshot({ path: join(folder, `${name}-${size}-${theme}.png`), fullPage: true });
    }
  }
}
await browser.close();
console.log(`${Object.keys(list).length * 4} pictures in ${folder}`);
