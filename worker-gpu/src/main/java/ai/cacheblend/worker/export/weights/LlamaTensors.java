package ai.cacheblend.worker.export.weights;

import static ai.cacheblend.worker.export.weights.TensorSpec.bias;
import static ai.cacheblend.worker.export.weights.TensorSpec.matrix;
import static ai.cacheblend.worker.export.weights.TensorSpec.norm;

import ai.cacheblend.worker.model.ModelConfig;
import java.util.ArrayList;
import java.util.List;

/** Tensor names of Llama in transformers, which Mistral, Qwen2 and Qwen3 share. */
public final class LlamaTensors {

  public static final String EMBEDDING = "model.embed_tokens.weight";
  public static final String OUTPUT = "lm_head.weight";

  private final ModelConfig config;
  private final List<BlockSource> blocks = new ArrayList<>();

  private LlamaTensors(ModelConfig config) {
    this.config = config;
  }

  /** The blocks of the weights file, in its order, without the rotation tables. */
  public static List<BlockSource> blocks(ModelConfig config) {
    LlamaTensors tensors = new LlamaTensors(config);
    tensors.addAll();
    return List.copyOf(tensors.blocks);
  }

  /** The output layer as a tensor of its own. */
  public static TensorSpec output(ModelConfig config) {
    return matrix(OUTPUT, config.vocabulary().size(), config.hiddenSize());
  }

  /** The token embedding. */
  public static TensorSpec embedding(ModelConfig config) {
    return matrix(EMBEDDING, config.vocabulary().size(), config.hiddenSize());
  }

  private void addAll() {
    add(BlockNames.EMBEDDING, embedding(config));
    for (int layer = 0; layer < config.layerCount(); layer++) {
      addAttention(layer, "model.layers." + layer + ".");
      addFeedForward(layer, "model.layers." + layer + ".");
    }
    add(BlockNames.FINAL_NORM, norm("model.norm.weight", config.hiddenSize()));
    if (!config.vocabulary().tiedOutput()) {
      add(BlockNames.OUTPUT, output(config));
    }
  }

  private void addAttention(int layer, String prefix) {
    ModelConfig.Attention attention = config.attention();
    int hidden = config.hiddenSize();
    int queries = attention.queryWidth();
    int kv = attention.kvWidth();
    String self = prefix + "self_attn.";
    add(BlockNames.inputNorm(layer), norm(prefix + "input_layernorm.weight", hidden));
    add(
        BlockNames.qkv(layer),
        matrix(self + "q_proj.weight", queries, hidden),
        matrix(self + "k_proj.weight", kv, hidden),
        matrix(self + "v_proj.weight", kv, hidden));
    if (attention.qkvBias()) {
      add(
          BlockNames.bias(BlockNames.qkv(layer)),
          bias(self + "q_proj.bias", queries),
          bias(self + "k_proj.bias", kv),
          bias(self + "v_proj.bias", kv));
    }
    if (attention.queryKeyNorm()) {
      add(BlockNames.queryNorm(layer), norm(self + "q_norm.weight", attention.headSize()));
      add(BlockNames.keyNorm(layer), norm(self + "k_norm.weight", attention.headSize()));
    }
    add(BlockNames.attentionOutput(layer), matrix(self + "o_proj.weight", hidden, queries));
    if (attention.outputBias()) {
      add(BlockNames.bias(BlockNames.attentionOutput(layer)), bias(self + "o_proj.bias", hidden));
    }
  }

  private void addFeedForward(int layer, String prefix) {
    int hidden = config.hiddenSize();
    int inner = config.feedForward().size();
    String mlp = prefix + "mlp.";
    add(BlockNames.mlpNorm(layer), norm(prefix + "post_attention_layernorm.weight", hidden));
    add(
        BlockNames.gateUp(layer),
        matrix(mlp + "gate_proj.weight", inner, hidden),
        matrix(mlp + "up_proj.weight", inner, hidden));
    add(BlockNames.down(layer), matrix(mlp + "down_proj.weight", hidden, inner));
    if (config.feedForward().hasBias()) {
      add(
          BlockNames.bias(BlockNames.gateUp(layer)),
          bias(mlp + "gate_proj.bias", inner),
          bias(mlp + "up_proj.bias", inner));
      add(BlockNames.bias(BlockNames.down(layer)), bias(mlp + "down_proj.bias", hidden));
    }
  }

  private void add(String block, TensorSpec... tensors) {
    blocks.add(BlockSource.of(block, tensors));
  }
}
