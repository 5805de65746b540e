/** Prefill of the same fp32 model in llama.cpp and in this project's worker, side by side. See README.md. */
import { mkdirSync, readFileSync, writeFileSync } from "node:fs";
import { join, resolve } from "node:path";
import { parseArgs } from "node:util";

import { convert } from "./checkpoint-to-gguf.mjs";
import { LlamaCpp } from "./llama.mjs";
import { Worker } from "./worker.mjs";

const HOME = resolve(import.meta.dirname, "../..");
const CHECKPOINT = join(HOME, "worker-gpu/models/pocket");
const TEXT_SOURCE = join(HOME, "orchestrator/src/main/resources/datasets/pocketwiki.json");

const { values: options } = parseArgs({
  options: {
    lengths: { type: "string", default: "512,1024,2048,4096" },
    rounds: { type: "string", default: "5" },
    trials: { type: "string", default: "3" }, // per round
    threads: { type: "string", default: "2" },
    "llama-only": { type: "boolean", default: false },
    out: { type: "string", default: join(import.meta.dirname, "out") },
  },
});
const lengths = options.lengths.split(",").map(Number);
const [rounds, trials, threads] = [options.rounds, options.trials, options.threads].map(Number);

const SWEEP_RUNS = 3;
const GREEDY_PROMPT_LENGTHS = [100, 700, 1500];
const GREEDY_TOKENS = 16;

function median(values) {
  const sorted = values.toSorted((a, b) => a - b);
  const middle = sorted.length >> 1;
  return sorted.length % 2 ? sorted[middle] : (sorted[middle - 1] + sorted[middle]) / 2;
}

/** The table takes the fastest with an F32 cache; F16 is swept for comparison. */
function settingsFor(length) {
  const batchSizes = { F32: [...new Set([256, 512, length])], F16: [512] };
  return ["F32", "F16"].flatMap((kvType) =>
    [true, false].flatMap((flashAttention) =>
      batchSizes[kvType].map((batchTokens) => ({ kvType, flashAttention, batchTokens })),
    ),
  );
}

function describe({ kvType, flashAttention, batchTokens }) {
  return `${kvType} KV, flash attention ${flashAttention ? "on" : "off"}, batch ${batchTokens}`;
}

/** Runs after one warm-up. */
async function timeLlama(llama, setting, ids, runs) {
  const prefill = await llama.open(setting, ids.length + 1);
  try {
    await prefill.firstTokenMillis(ids);
    const millis = [];
    for (let i = 0; i < runs; i++) {
      millis.push(await prefill.firstTokenMillis(ids));
    }
    return millis;
  } finally {
    await prefill.close();
  }
}

async function fastestSettings(llama, ids) {
  const swept = [];
  for (const setting of settingsFor(ids.length)) {
    swept.push({ setting, millis: median(await timeLlama(llama, setting, ids, SWEEP_RUNS)) });
  }
  for (const { setting, millis } of swept) {
    console.error(`  ${ids.length} tokens, ${describe(setting)}: ${millis.toFixed(1)} ms`);
  }
  const comparable = swept.filter(({ setting }) => setting.kvType === "F32");
  return comparable.toSorted((a, b) => a.millis - b.millis)[0].setting;
}

/** Both sides must produce the same tokens, else their times do not compare. */
async function checkSameTokens(llama, worker, ids) {
  const setting = { kvType: "F32", flashAttention: true, batchTokens: 256 };
  for (const length of GREEDY_PROMPT_LENGTHS) {
    const prefill = await llama.open(setting, length + GREEDY_TOKENS);
    const theirs = await prefill.greedy(ids.slice(0, length), GREEDY_TOKENS);
    await prefill.close();
    const ours = await worker.greedy(ids.slice(0, length), GREEDY_TOKENS);
    if (String(theirs) !== String(ours)) {
      throw new Error(`greedy tokens differ after a prompt of ${length} tokens: llama.cpp ${theirs}, worker ${ours}`);
    }
  }
  console.error(`greedy tokens agree (${GREEDY_TOKENS} each after prompts of ${GREEDY_PROMPT_LENGTHS.join(", ")} tokens)`);
}

async function compareAt(length, llama, worker, ids) {
  const setting = await fastestSettings(llama, ids.slice(0, length));
  const [theirs, ours] = [[], []];
  for (let round = 0; round < rounds; round++) {
    theirs.push(median(await timeLlama(llama, setting, ids.slice(0, length), trials)));
    if (worker) {
      ours.push(await worker.firstTokenMillis(length, trials, round));
    }
    console.error(`  ${length} tokens, round ${round + 1}/${rounds}`);
  }
  const row = { length, llamaSetting: describe(setting), llamaMillis: median(theirs), llamaRounds: theirs };
  if (worker) {
    const ratios = theirs.map((millis, round) => millis / ours[round]);
    Object.assign(row, {
      workerMillis: median(ours),
      workerRounds: ours,
      ratio: median(ratios),
      ratioMin: Math.min(...ratios),
      ratioMax: Math.max(...ratios),
    });
  }
  return row;
}

function printTable(rows) {
  const line = (...cells) => console.log(`| ${cells.join(" | ")} |`);
  line("tokens", "llama.cpp ms", "worker ms", "llama.cpp / worker (min–max of rounds)", "llama.cpp setting");
  line("---:", "---:", "---:", "---:", "---");
  for (const row of rows) {
    const ours = row.workerMillis?.toFixed(1) ?? "–";
    const ratio = row.ratio ? `${row.ratio.toFixed(2)} (${row.ratioMin.toFixed(2)}–${row.ratioMax.toFixed(2)})` : "–";
    line(row.length, row.llamaMillis.toFixed(1), ours, ratio, row.llamaSetting);
  }
}

async function main() {
  const outFolder = resolve(options.out);
  mkdirSync(outFolder, { recursive: true });
  const gguf = join(outFolder, "pocket-f32.gguf");
  convert(CHECKPOINT, gguf);

  const llama = await LlamaCpp.load(gguf, threads);
  const worker = options["llama-only"]
    ? undefined
    : await Worker.start(join(HOME, "cacheblend"), CHECKPOINT, threads, outFolder);
  try {
    const items = JSON.parse(readFileSync(TEXT_SOURCE, "utf8"));
    const text = items.flatMap((item) => item.ctxs.map((document) => document.text)).join("");
    const bosTokenId = JSON.parse(readFileSync(join(CHECKPOINT, "config.json"), "utf8")).bos_token_id;
    const ids = [bosTokenId, ...llama.tokenize(text)];
    if (worker) {
      await checkSameTokens(llama, worker, ids);
    }
    const rows = [];
    for (const length of lengths) {
      rows.push(await compareAt(length, llama, worker, ids));
    }
    const result = { threads, instructionSets: llama.instructionSets, rows };
    writeFileSync(join(outFolder, "result.json"), JSON.stringify(result, null, 1));
    printTable(rows);
  } finally {
    await worker?.close();
    await llama.close();
  }
}

main().then(
  () => process.exit(0),
  (error) => {
    console.error(`run: ${error.message}`);
    process.exit(1);
  },
);
