/**
 * Writes a Hugging Face checkpoint of a Mistral or Llama model (one safetensors file, byte-level BPE) as GGUF, in F32.
 *
 * usage: node checkpoint-to-gguf.mjs CHECKPOINT_DIR OUT.gguf
 */
import { readFileSync } from "node:fs";
import { join } from "node:path";

import { bool, float32, int32s, string, strings, uint32, writeGguf } from "./gguf.mjs";
import { readSafetensors } from "./safetensors.mjs";

const TOKEN_TYPE = { normal: 1, unknown: 2, control: 3 };
const GPT2_PRE_TOKENIZER = "gpt-2";

/** Names inside one layer: Hugging Face -> GGUF. */
const LAYER_TENSORS = {
  "input_layernorm": "attn_norm",
  "self_attn.q_proj": "attn_q",
  "self_attn.k_proj": "attn_k",
  "self_attn.v_proj": "attn_v",
  "self_attn.o_proj": "attn_output",
  "post_attention_layernorm": "ffn_norm",
  "mlp.gate_proj": "ffn_gate",
  "mlp.up_proj": "ffn_up",
  "mlp.down_proj": "ffn_down",
};

function readJson(folder, name) {
  return JSON.parse(readFileSync(join(folder, name), "utf8"));
}

export function convert(checkpointFolder, ggufPath) {
  const config = readJson(checkpointFolder, "config.json");
  if (!["mistral", "llama"].includes(config.model_type) || config.sliding_window || config.rope_scaling) {
    throw new Error(`config.json: model_type ${config.model_type} with a sliding window or rope scaling is not supported`);
  }
  const metadata = { ...modelMetadata(config), ...tokenizerMetadata(readJson(checkpointFolder, "tokenizer.json"), config) };
  writeGguf(ggufPath, metadata, convertTensors(readSafetensors(join(checkpointFolder, "model.safetensors")), config));
}

function headSizeOf(config) {
  return config.head_dim ?? config.hidden_size / config.num_attention_heads;
}

function modelMetadata(config) {
  const headSize = headSizeOf(config);
  return {
    "general.architecture": string("llama"),
    "general.name": string("pocket"),
    "general.alignment": uint32(32),
    "general.file_type": uint32(0), // all F32
    "llama.vocab_size": uint32(config.vocab_size),
    "llama.context_length": uint32(config.max_position_embeddings),
    "llama.embedding_length": uint32(config.hidden_size),
    "llama.block_count": uint32(config.num_hidden_layers),
    "llama.feed_forward_length": uint32(config.intermediate_size),
    "llama.attention.head_count": uint32(config.num_attention_heads),
    "llama.attention.head_count_kv": uint32(config.num_key_value_heads),
    "llama.attention.key_length": uint32(headSize),
    "llama.attention.value_length": uint32(headSize),
    "llama.attention.layer_norm_rms_epsilon": float32(config.rms_norm_eps),
    "llama.rope.dimension_count": uint32(headSize),
    "llama.rope.freq_base": float32(config.rope_parameters?.rope_theta ?? config.rope_theta),
  };
}

function tokenizerMetadata(tokenizer, config) {
  const tokens = [];
  for (const [text, id] of Object.entries(tokenizer.model.vocab)) {
    tokens[id] = text;
  }
  const types = tokens.map(() => TOKEN_TYPE.normal);
  for (const { id, content, special } of tokenizer.added_tokens) {
    tokens[id] = content;
    types[id] = content === "<unk>" ? TOKEN_TYPE.unknown : special ? TOKEN_TYPE.control : TOKEN_TYPE.normal;
  }
  return {
    "tokenizer.ggml.model": string("gpt2"),
    "tokenizer.ggml.pre": string(GPT2_PRE_TOKENIZER),
    "tokenizer.ggml.tokens": strings(tokens),
    "tokenizer.ggml.token_type": int32s(types),
    "tokenizer.ggml.merges": strings(tokenizer.model.merges.map((pair) => (Array.isArray(pair) ? pair.join(" ") : pair))),
    "tokenizer.ggml.bos_token_id": uint32(config.bos_token_id),
    "tokenizer.ggml.eos_token_id": uint32(config.eos_token_id),
    "tokenizer.ggml.add_bos_token": bool(true),
  };
}

function convertTensors(weights, config) {
  const headSize = headSizeOf(config);
  const take = (from, name) => {
    const tensor = weights.get(from);
    if (!tensor) {
      throw new Error(`model.safetensors: tensor ${from} is missing`);
    }
    return { name, ...tensor };
  };

  const tensors = [take("model.embed_tokens.weight", "token_embd.weight"), take("model.norm.weight", "output_norm.weight")];
  if (!config.tie_word_embeddings) {
    tensors.push(take("lm_head.weight", "output.weight"));
  }
  for (let layer = 0; layer < config.num_hidden_layers; layer++) {
    for (const [from, to] of Object.entries(LAYER_TENSORS)) {
      const tensor = take(`model.layers.${layer}.${from}.weight`, `blk.${layer}.${to}.weight`);
      const rotated = to === "attn_q" || to === "attn_k";
      tensors.push(rotated ? { ...tensor, values: interleaveRotaryRows(tensor, headSize) } : tensor);
    }
  }
  return tensors;
}

/**
 * Reorders the output rows of each head. Hugging Face rotates row i together with row i + headSize/2, llama.cpp's
 * "llama" architecture rotates neighbours: row i moves to 2i and row i + headSize/2 to 2i + 1.
 */
function interleaveRotaryRows({ shape: [rowCount, rowLength], values }, headSize) {
  const out = new Float32Array(values.length);
  const half = headSize / 2;
  for (let row = 0; row < rowCount; row++) {
    const inHead = row % headSize;
    const target = row - inHead + 2 * (inHead % half) + Math.floor(inHead / half);
    out.set(values.subarray(row * rowLength, (row + 1) * rowLength), target * rowLength);
  }
  return out;
}

if (import.meta.filename === process.argv[1]) {
  const [checkpointFolder, ggufPath] = process.argv.slice(2);
  if (!ggufPath) {
    console.error("usage: node checkpoint-to-gguf.mjs CHECKPOINT_DIR OUT.gguf");
    process.exit(2);
  }
  convert(checkpointFolder, ggufPath);
}
