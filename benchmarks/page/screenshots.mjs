#!/usr/bin/env node
// usage: screenshots.mjs OUT PAGE.html...
// Saves screenshots of report pages, 1400 and 420 px wide, light and dark, under OUT. Fails if a page overflows horizontally, if labels
// overlap or are cut, if a bar runs through a label, or if a page requests anything beside itself. CHROMIUM names the browser.
import { mkdir, readFile, writeFile } from 'node:fs/promises';
import { basename, join, resolve } from 'node:path';
import { pathToFileURL } from 'node:url';
import { startBrowser } from './devtools.mjs';

const WIDTHS = [1400, 420];
const SCHEMES = ['light', 'dark'];
const MAX_HEIGHT = 12_000;

const [out, ...pages] = process.argv.slice(2);
if (!out || pages.length === 0) {
  console.error('usage: screenshots.mjs OUT PAGE.html...');
  process.exit(2);
}
const layout = await readFile(new URL('layout.js', import.meta.url), 'utf8');
await mkdir(out, { recursive: true });
const browser = await startBrowser(process.env.CHROMIUM ?? 'chromium');
let faultCount = 0;
try {
  for (const page of pages) {
    const url = pathToFileURL(resolve(page)).href;
    const tab = await browser.newPage();
    for (const width of WIDTHS) {
      for (const scheme of SCHEMES) {
        await tab.open(url, width, scheme);
        const view = `${basename(page, '.html')}-${width}-${scheme}`;
        await writeFile(join(out, `${view}.png`), await tab.screenshot(width, MAX_HEIGHT));
        const faults = await tab.evaluate(layout);
        await tab.evaluate("document.querySelectorAll('details').forEach(d => { d.open = true; })");
        faults.push(...(await tab.evaluate(layout)).filter(fault => !faults.includes(fault)));
        faults.forEach(fault => console.log(`${view}: ${fault}`));
        faultCount += faults.length;
      }
    }
    const foreign = tab.requests.filter(request => request !== url && !request.startsWith('data:'));
    foreign.forEach(request => console.log(`${page}: requests ${request}`));
    faultCount += foreign.length;
  }
} finally {
  await browser.close();
}
console.log(`${pages.length} pages, ${faultCount} faults, screenshots in ${out}`);
process.exitCode = faultCount === 0 ? 0 : 1;
