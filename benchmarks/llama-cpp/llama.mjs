import { getLlama } from "node-llama-cpp";

/** A GGUF model in llama.cpp on the CPU. Uses the prebuilt binaries only: it neither downloads nor compiles. */
export class LlamaCpp {
  #llama;
  #model;
  #threadCount;

  constructor(llama, model, threadCount) {
    this.#llama = llama;
    this.#model = model;
    this.#threadCount = threadCount;
  }

  static async load(modelPath, threadCount) {
    const llama = await getLlama({
      gpu: false,
      build: "never",
      skipDownload: true,
      logLevel: "error",
      maxThreads: threadCount,
    });
    return new LlamaCpp(llama, await llama.loadModel({ modelPath, gpuLayers: 0 }), threadCount);
  }

  get instructionSets() {
    return this.#llama.systemInfo.trim();
  }

  tokenize(text) {
    return [...this.#model.tokenize(text)];
  }

  /** @param setting {flashAttention: boolean, batchTokens: int, kvType: "F32" | "F16"} */
  async open(setting, maxTokens) {
    const context = await this.#model.createContext({
      contextSize: maxTokens,
      batchSize: setting.batchTokens, // the binding takes it for both n_batch and n_ubatch
      sequences: 1,
      threads: this.#threadCount,
      flashAttention: setting.flashAttention,
      experimentalKvCacheKeyType: setting.kvType,
      experimentalKvCacheValueType: setting.kvType,
    });
    return new Prefill(context);
  }

  async close() {
    await this.#llama.dispose();
  }
}

/** One sequence, emptied before every prompt. */
class Prefill {
  #context;
  #sequence;

  constructor(context) {
    this.#context = context;
    this.#sequence = context.getSequence();
  }

  /** Milliseconds from handing over the token ids to having the first token, by greedy choice. */
  async firstTokenMillis(ids) {
    await this.#sequence.clearHistory();
    const begin = performance.now();
    for await (const _ of this.#sequence.evaluate(ids, { temperature: 0 })) {
      return performance.now() - begin;
    }
    throw new Error(`llama.cpp gave no token after ${ids.length} token ids`);
  }

  async greedy(ids, count) {
    await this.#sequence.clearHistory();
    const tokens = [];
    for await (const token of this.#sequence.evaluate(ids, { temperature: 0, yieldEogToken: true })) {
      tokens.push(token);
      if (tokens.length === count) {
        break;
      }
    }
    return tokens;
  }

  async close() {
    await this.#context.dispose();
  }
}
