// A headless Chromium, driven through the DevTools protocol over a pipe. Needs Node 18 or later and Chromium, no package.
import { spawn } from 'node:child_process';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

const FLAGS = [
  '--headless', '--no-sandbox', '--disable-gpu', '--disable-background-networking', '--no-first-run', '--hide-scrollbars',
  '--remote-debugging-pipe', '--force-color-profile=srgb',
];

/** Starts Chromium with an empty profile; `close()` ends it and removes the profile. */
export async function startBrowser(executable) {
  const profile = await mkdtemp(join(tmpdir(), 'cacheblend-page-'));
  // Chromium reads messages from descriptor 3 and writes to 4.
  const browser = spawn(executable, [...FLAGS, `--user-data-dir=${profile}`, 'about:blank'], {
    stdio: ['ignore', 'ignore', 'ignore', 'pipe', 'pipe'],
  });
  const connection = connect(browser);
  const exited = new Promise(resolve => browser.once('exit', resolve));
  return {
    newPage: () => newPage(connection),
    async close() {
      await connection.send('Browser.close').catch(() => browser.kill());
      await exited;
      await rm(profile, { recursive: true, force: true, maxRetries: 5 });
    },
  };
}

function connect(browser) {
  const pending = new Map();
  const listeners = new Set();
  let rest = '';
  const fail = error => {
    pending.forEach(({ reject }) => reject(error));
    pending.clear();
  };
  browser.once('error', fail);
  browser.once('exit', code => fail(new Error(`the browser exited with status ${code}`)));
  browser.stdio[4].setEncoding('utf8');
  browser.stdio[4].on('data', data => {
    const messages = (rest + data).split('\0');
    rest = messages.pop();
    messages.forEach(text => receive(JSON.parse(text)));
  });
  const receive = message => {
    if (message.id === undefined) {
      listeners.forEach(listener => listener(message));
      return;
    }
    const { resolve, reject } = pending.get(message.id);
    pending.delete(message.id);
    message.error ? reject(new Error(message.error.message)) : resolve(message.result);
  };
  let next = 0;
  return {
    listeners,
    send: (method, params = {}, sessionId = undefined) =>
      new Promise((resolve, reject) => {
        pending.set(++next, { resolve, reject });
        browser.stdio[3].write(`${JSON.stringify({ id: next, method, params, sessionId })}\0`);
      }),
  };
}

async function newPage({ send, listeners }) {
  const { targetId } = await send('Target.createTarget', { url: 'about:blank' });
  const { sessionId } = await send('Target.attachToTarget', { targetId, flatten: true });
  const call = (method, params) => send(method, params, sessionId);
  await call('Page.enable');
  await call('Network.enable');
  const requests = [];
  listeners.add(({ method, params, sessionId: from }) => {
    if (from === sessionId && method === 'Network.requestWillBeSent') requests.push(params.request.url);
  });
  return {
    /** Addresses that the page requested, its own among them. */
    requests,
    async open(url, width, scheme) {
      await call('Emulation.setDeviceMetricsOverride', { width, height: 900, deviceScaleFactor: 1, mobile: false });
      await call('Emulation.setEmulatedMedia', { features: [{ name: 'prefers-color-scheme', value: scheme }] });
      const loaded = new Promise(resolve => {
        const listener = ({ method, sessionId: from }) => {
          if (from === sessionId && method === 'Page.loadEventFired') {
            listeners.delete(listener);
            resolve();
          }
        };
        listeners.add(listener);
      });
      await call('Page.navigate', { url });
      await loaded;
    },
    async evaluate(source) {
      const { result, exceptionDetails } = await call('Runtime.evaluate', { expression: source, returnByValue: true });
      if (exceptionDetails) throw new Error(exceptionDetails.exception?.description ?? exceptionDetails.text);
      return result.value;
    },
    /** PNG of the first `maxHeight` pixels of the page. */
    async screenshot(width, maxHeight) {
      return this.clip(width, 0, Math.min(maxHeight, await this.evaluate('document.documentElement.scrollHeight')));
    },
    /** PNG of a part of the page. */
    async clip(width, top, height) {
      const { data } = await call('Page.captureScreenshot', {
        format: 'png', captureBeyondViewport: true, clip: { x: 0, y: top, width, height, scale: 1 },
      });
      return Buffer.from(data, 'base64');
    },
  };
}
