import { execFile, spawn } from "node:child_process";
import { once } from "node:events";
import { readFile, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { createInterface } from "node:readline";
import { promisify } from "node:util";

const run = promisify(execFile);
const OUTPUT_LIMIT_BYTES = 1 << 28;

/** A worker of this project, driven through the launcher only. */
export class Worker {
  #launcher;
  #process;
  #address;
  #outFolder;

  constructor(launcher, process, address, outFolder) {
    this.#launcher = launcher;
    this.#process = process;
    this.#address = address;
    this.#outFolder = outFolder;
  }

  static async start(launcher, checkpointFolder, threadCount, outFolder) {
    const options = ["worker", "--model", checkpointFolder, "--port", "0", "--threads", String(threadCount)];
    const process = spawn(launcher, options, { stdio: ["ignore", "pipe", "ignore"] });
    const ended = once(process, "exit").then(([code]) => {
      throw new Error(`the worker ended with status ${code} before it was ready; run: ${launcher} ${options.join(" ")}`);
    });
    const ready = (async () => {
      for await (const line of createInterface({ input: process.stdout })) {
        if (line.startsWith("ready ")) {
          return line.slice("ready ".length).trim();
        }
      }
      return ended;
    })();
    const address = await Promise.race([ready, ended]);
    ended.catch(() => {}); // from here on its end is no surprise
    return new Worker(launcher, process, address, outFolder);
  }

  #call(command, ...options) {
    return run(this.#launcher, [command, "--worker", this.#address, ...options], { maxBuffer: OUTPUT_LIMIT_BYTES });
  }

  /** Median milliseconds to the first token inside the worker (full prefill), over the trials of one call of `ttft`. */
  async firstTokenMillis(length, trials, seed) {
    const out = join(this.#outFolder, `ttft-${length}-${seed}`);
    const plan = { lengths: length, trials, warmup: 1, seed, arms: "full_prefill", out };
    await this.#call("ttft", ...Object.entries(plan).flatMap(([option, value]) => [`--${option}`, String(value)]));
    const [row] = JSON.parse(await readFile(join(out, "result.json"), "utf8")).rows;
    return row.worker_full_prefill_median * 1e3;
  }

  async greedy(ids, count) {
    const request = join(this.#outFolder, "greedy-request.json");
    const body = { segments: [{ token_ids: ids, cache: false }], method: "full_prefill", max_tokens: count };
    await writeFile(request, JSON.stringify(body));
    const { stdout } = await this.#call("generate", "--request", request);
    return JSON.parse(stdout).token_ids;
  }

  async close() {
    this.#process.kill("SIGTERM");
    await once(this.#process, "exit");
  }
}
