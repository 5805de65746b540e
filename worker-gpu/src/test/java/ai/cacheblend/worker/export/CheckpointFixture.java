package ai.cacheblend.worker.export;

import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Random;

/** A tiny checkpoint that a test can change before it is written. */
public final class CheckpointFixture {

  public static final int VOCABULARY = 32;
  public static final int HIDDEN = 12;
  public static final int INNER = 20;
  public static final int LAYERS = 3;
  public static final int QUERY_HEADS = 4;
  public static final int KV_HEADS = 2;

  /** Words {@code a} and {@code b}; {@code <s>} stands before a text. */
  public static final String TOKENIZER =
      """
      {"version": "1.0", "truncation": null, "padding": null, "normalizer": null, "decoder": null,
       "added_tokens": [{"id": 1, "content": "<s>", "single_word": false, "lstrip": false,
                         "rstrip": false, "normalized": false, "special": true}],
       "pre_tokenizer": {"type": "Whitespace"},
       "post_processor": {"type": "TemplateProcessing",
         "single": [{"SpecialToken": {"id": "<s>", "type_id": 0}},
                    {"Sequence": {"id": "A", "type_id": 0}}],
         "pair": [{"Sequence": {"id": "A", "type_id": 0}}, {"Sequence": {"id": "B", "type_id": 1}}],
         "special_tokens": {"<s>": {"id": "<s>", "ids": [1], "tokens": ["<s>"]}}},
       "model": {"type": "WordLevel", "unk_token": "<unk>",
                 "vocab": {"<unk>": 0, "<s>": 1, "</s>": 2, "a": 3, "b": 4}}}
      """;

  private static final ObjectMapper MAPPER = new ObjectMapper();

  /** A tensor's shape and its numbers, or other numbers of the same count. */
  @SuppressWarnings("ArrayRecordComponent")
  public record Tensor(List<Integer> shape, float[] values) {}

  public final ObjectNode config = MAPPER.createObjectNode();
  public final Map<String, Tensor> tensors = new LinkedHashMap<>();
  public String type = "F32";

  private final int headSize;
  private final Random random = new Random(5);

  private CheckpointFixture(String className, String modelType, int headSize) {
    this.headSize = headSize;
    config.putArray("architectures").add(className);
    config
        .put("model_type", modelType)
        .put("vocab_size", VOCABULARY)
        .put("hidden_size", HIDDEN)
        .put("intermediate_size", INNER)
        .put("num_hidden_layers", LAYERS)
        .put("num_attention_heads", QUERY_HEADS)
        .put("num_key_value_heads", KV_HEADS)
        .put("head_dim", headSize)
        .put("max_position_embeddings", 64)
        .put("rms_norm_eps", 1e-5)
        .put("rope_theta", 10000.0)
        .put("hidden_act", "silu")
        .put("tie_word_embeddings", false)
        .put("bos_token_id", 1)
        .put("eos_token_id", 2);
  }

  public static CheckpointFixture mistral() {
    CheckpointFixture fixture = new CheckpointFixture("MistralForCausalLM", "mistral", 6);
    fixture.config.putNull("sliding_window");
    fixture.addDecoder();
    return fixture;
  }

  public static CheckpointFixture llama() {
    CheckpointFixture fixture = new CheckpointFixture("LlamaForCausalLM", "llama", 4);
    fixture.addDecoder();
    return fixture;
  }

  /** Llama with every bias it can have, and tied embeddings. */
  public static CheckpointFixture llamaWithBiases() {
    CheckpointFixture fixture = llama();
    fixture.config.put("attention_bias", true).put("mlp_bias", true);
    for (int layer = 0; layer < LAYERS; layer++) {
      fixture.addAttentionBiases(layer);
      fixture.add("model.layers." + layer + ".self_attn.o_proj.bias", HIDDEN);
      fixture.add("model.layers." + layer + ".mlp.gate_proj.bias", INNER);
      fixture.add("model.layers." + layer + ".mlp.up_proj.bias", INNER);
      fixture.add("model.layers." + layer + ".mlp.down_proj.bias", HIDDEN);
    }
    fixture.config.put("tie_word_embeddings", true);
    fixture.tensors.remove("lm_head.weight");
    return fixture;
  }

  public static CheckpointFixture qwen2() {
    CheckpointFixture fixture = new CheckpointFixture("Qwen2ForCausalLM", "qwen2", 6);
    fixture.addDecoder();
    for (int layer = 0; layer < LAYERS; layer++) {
      fixture.addAttentionBiases(layer);
    }
    return fixture;
  }

  public static CheckpointFixture qwen3() {
    CheckpointFixture fixture = new CheckpointFixture("Qwen3ForCausalLM", "qwen3", 8);
    fixture.addDecoder();
    for (int layer = 0; layer < LAYERS; layer++) {
      fixture.add("model.layers." + layer + ".self_attn.q_norm.weight", 8);
      fixture.add("model.layers." + layer + ".self_attn.k_norm.weight", 8);
    }
    return fixture;
  }

  /** Tied embeddings, four norms per layer that hold their weights minus 1. */
  public static CheckpointFixture gemma2() {
    return gemma("Gemma2ForCausalLM", "gemma2");
  }

  /** As {@link #gemma2}, with a norm per query and key head. */
  public static CheckpointFixture gemma3() {
    CheckpointFixture fixture = gemma("Gemma3ForCausalLM", "gemma3_text");
    for (int layer = 0; layer < LAYERS; layer++) {
      fixture.add("model.layers." + layer + ".self_attn.q_norm.weight", 8);
      fixture.add("model.layers." + layer + ".self_attn.k_norm.weight", 8);
    }
    return fixture;
  }

  private static CheckpointFixture gemma(String className, String modelType) {
    CheckpointFixture fixture = new CheckpointFixture(className, modelType, 8);
    fixture.config.remove(List.of("hidden_act", "tie_word_embeddings"));
    fixture.config.put("query_pre_attn_scalar", 10).put("sliding_window", 7);
    fixture.addDecoder();
    fixture.tensors.remove("lm_head.weight");
    for (int layer = 0; layer < LAYERS; layer++) {
      fixture.add("model.layers." + layer + ".pre_feedforward_layernorm.weight", HIDDEN);
      fixture.add("model.layers." + layer + ".post_feedforward_layernorm.weight", HIDDEN);
    }
    return fixture;
  }

  public static List<CheckpointFixture> all() {
    return List.of(mistral(), llama(), llamaWithBiases(), qwen2(), qwen3(), gemma2(), gemma3());
  }

  private void addDecoder() {
    int queries = QUERY_HEADS * headSize;
    int kv = KV_HEADS * headSize;
    add("model.embed_tokens.weight", VOCABULARY, HIDDEN);
    for (int layer = 0; layer < LAYERS; layer++) {
      String prefix = "model.layers." + layer + ".";
      add(prefix + "input_layernorm.weight", HIDDEN);
      add(prefix + "self_attn.q_proj.weight", queries, HIDDEN);
      add(prefix + "self_attn.k_proj.weight", kv, HIDDEN);
      add(prefix + "self_attn.v_proj.weight", kv, HIDDEN);
      add(prefix + "self_attn.o_proj.weight", HIDDEN, queries);
      add(prefix + "post_attention_layernorm.weight", HIDDEN);
      add(prefix + "mlp.gate_proj.weight", INNER, HIDDEN);
      add(prefix + "mlp.up_proj.weight", INNER, HIDDEN);
      add(prefix + "mlp.down_proj.weight", HIDDEN, INNER);
    }
    add("model.norm.weight", HIDDEN);
    add("lm_head.weight", VOCABULARY, HIDDEN);
  }

  private void addAttentionBiases(int layer) {
    String prefix = "model.layers." + layer + ".self_attn.";
    add(prefix + "q_proj.bias", QUERY_HEADS * headSize);
    add(prefix + "k_proj.bias", KV_HEADS * headSize);
    add(prefix + "v_proj.bias", KV_HEADS * headSize);
  }

  public void add(String name, Integer... shape) {
    int count = 1;
    for (int size : shape) {
      count *= size;
    }
    float[] values = new float[count];
    for (int i = 0; i < count; i++) {
      // Few bits, so that every format holds the number exactly.
      values[i] = random.nextInt(-64, 64) / 64f;
    }
    tensors.put(name, new Tensor(List.of(shape), values));
  }

  /** Writes all files, the weights in that number of shards; returns the folder. */
  public Path write(Path folder, int shards) throws IOException {
    Files.createDirectories(folder);
    Files.writeString(folder.resolve("config.json"), config.toPrettyString());
    Files.writeString(folder.resolve("tokenizer.json"), TOKENIZER);
    Files.writeString(folder.resolve("tokenizer_config.json"), "{}");
    if (shards == 1) {
      Files.write(folder.resolve("model.safetensors"), safetensors(tensors));
      return folder;
    }
    List<String> names = new ArrayList<>(tensors.keySet());
    ObjectNode index = MAPPER.createObjectNode();
    ObjectNode weightMap = index.putObject("weight_map");
    for (int shard = 0; shard < shards; shard++) {
      String file = "model-%05d-of-%05d.safetensors".formatted(shard + 1, shards);
      Map<String, Tensor> part = new LinkedHashMap<>();
      for (int i = shard; i < names.size(); i += shards) {
        part.put(names.get(i), tensors.get(names.get(i)));
        weightMap.put(names.get(i), file);
      }
      Files.write(folder.resolve(file), safetensors(part));
    }
    Files.writeString(folder.resolve("model.safetensors.index.json"), index.toString());
    return folder;
  }

  public Path write(Path folder) throws IOException {
    return write(folder, 1);
  }

  private byte[] safetensors(Map<String, Tensor> part) {
    ObjectNode header = MAPPER.createObjectNode();
    header.putObject("__metadata__").put("format", "pt");
    ByteArrayOutputStream body = new ByteArrayOutputStream();
    part.forEach(
        (name, tensor) -> {
          ObjectNode entry = header.putObject(name).put("dtype", type);
          ArrayNode shape = entry.putArray("shape");
          tensor.shape().forEach(shape::add);
          int begin = body.size();
          body.writeBytes(encode(tensor.values()));
          entry.putArray("data_offsets").add(begin).add(body.size());
        });
    return safetensors(header.toString(), body.toByteArray());
  }

  /** A file with any header at all. */
  public static byte[] safetensors(String header, byte[] body) {
    byte[] text = header.getBytes(StandardCharsets.UTF_8);
    return ByteBuffer.allocate(8 + text.length + body.length)
        .order(ByteOrder.LITTLE_ENDIAN)
        .putLong(text.length)
        .put(text)
        .put(body)
        .array();
  }

  private byte[] encode(float[] values) {
    int width = type.equals("F64") ? 8 : type.equals("F32") ? 4 : 2;
    ByteBuffer bytes = ByteBuffer.allocate(values.length * width).order(ByteOrder.LITTLE_ENDIAN);
    for (float value : values) {
      switch (type) {
        case "F64" -> bytes.putDouble(value);
        case "F32" -> bytes.putFloat(value);
        case "BF16" -> bytes.putShort((short) (Float.floatToRawIntBits(value) >>> 16));
        case "F16" -> bytes.putShort(halfOfExact(value));
        default -> throw new IllegalArgumentException(type);
      }
    }
    return bytes.array();
  }

  /** Only for numbers that half precision holds exactly as normal ones, and zero. */
  private static short halfOfExact(float value) {
    if (value == 0) {
      return 0;
    }
    int sign = value < 0 ? 0x8000 : 0;
    int exponent = Math.getExponent(value);
    int mantissa = (int) ((Math.abs(value) / Math.pow(2, exponent) - 1) * 1024);
    return (short) (sign | ((exponent + 15) << 10) | mantissa);
  }
}
