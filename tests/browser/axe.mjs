// Looks for barriers with axe-core on every page, in both themes and widths, and for sideways scrolling.
// PREGON_DASHBOARD=http://127.0.0.1:8080 [PREGON_KEY=…] node axe.mjs
import { readFile } from "node:fs/promises";
import { createRequire } from "node:module";
import { dashboard, launch, pages, tab, themes, widths } from "./browser.mjs";

const axe = await readFile(createRequire(import.meta.url).resolve("axe-core/axe.min.js"), "utf8");
const browser = await launch();
const list = await pages(await tab(browser));
let barriers = 0, looks = 0;
for (const [size, width] of Object.entries(widths)) {
  for (const theme of themes) {
    const page = await tab(browser, width, theme);
    for (const [name, path] of Object.entries(list)) {
      await page.goto(dashboard + path);
      // Through the debugger, because the page's own policy lets no other script in.
      const { violations } = await page.evaluate(`${axe}; axe.run()`);
      looks += 1;
      const wide = await page.evaluate(() => document.documentElement.scrollWidth > innerWidth);
      if (wide) violations.push({ impact: "serious", id: "sideways-scroll", nodes: [{ target: [`${width} px`] }] });
      for (const { impact, id, nodes } of violations) {
        if (impact === "serious" || impact === "critical") barriers += 1;
        console.log(`${impact} ${id}: ${name} ${size} ${theme}: ${nodes.map((n) => n.target.join(" ")).slice(0, 4).join(", ")}`);
      }
    }
  }
}
await browser.close();
console.log(`${looks} looks, ${barriers} serious barriers`);
process.exit(barriers ? 1 : 0);
