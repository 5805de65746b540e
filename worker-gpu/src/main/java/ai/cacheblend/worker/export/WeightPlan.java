package ai.cacheblend.worker.export;

import ai.cacheblend.worker.export.TensorSpec.Role;
import ai.cacheblend.worker.model.ModelConfig;
import ai.cacheblend.worker.model.ModelDtype;
import ai.cacheblend.worker.model.WeightBlock;
import java.util.ArrayList;
import java.util.List;

/**
 * Which tensors of a checkpoint go to which block of the weights file, in the file's order. Those
 * of one block have as many columns each and are stacked.
 */
record WeightPlan(List<PlannedBlock> blocks) {

  /** Bytes to which blocks are aligned: a memory page. */
  private static final int ALIGNMENT = 4096;

  record PlannedBlock(WeightBlock block, List<TensorSpec> tensors) {

    PlannedBlock {
      tensors = List.copyOf(tensors);
    }
  }

  WeightPlan {
    blocks = List.copyOf(blocks);
  }

  static WeightPlan of(ModelConfig config, ModelDtype dtype) {
    Builder plan = new Builder(dtype);
    int hidden = config.hiddenSize();
    plan.add(
        WeightNames.EMBEDDING,
        matrix("model.embed_tokens.weight", config.vocabularySize(), hidden));
    for (int layer = 0; layer < config.layerCount(); layer++) {
      addLayer(plan, config, layer);
    }
    plan.add(WeightNames.FINAL_NORM, vector("model.norm.weight", hidden, Role.NORM));
    if (!config.tiedEmbeddings()) {
      plan.add(WeightNames.OUTPUT, matrix("lm_head.weight", config.vocabularySize(), hidden));
    }
    plan.addTable(WeightNames.ROPE_COS, config.maxPositionCount(), config.headSize() / 2);
    plan.addTable(WeightNames.ROPE_SIN, config.maxPositionCount(), config.headSize() / 2);
    return new WeightPlan(plan.blocks);
  }

  private static void addLayer(Builder plan, ModelConfig config, int layer) {
    String prefix = "model.layers." + layer + ".";
    int hidden = config.hiddenSize();
    int queries = config.queryWidth();
    int kv = config.kvWidth();
    int inner = config.intermediateSize();
    plan.add(
        WeightNames.inputNorm(layer), vector(prefix + "input_layernorm.weight", hidden, Role.NORM));
    plan.add(
        WeightNames.qkv(layer),
        matrix(prefix + "self_attn.q_proj.weight", queries, hidden),
        matrix(prefix + "self_attn.k_proj.weight", kv, hidden),
        matrix(prefix + "self_attn.v_proj.weight", kv, hidden));
    if (config.qkvBias()) {
      plan.add(
          WeightNames.bias(WeightNames.qkv(layer)),
          vector(prefix + "self_attn.q_proj.bias", queries, Role.BIAS),
          vector(prefix + "self_attn.k_proj.bias", kv, Role.BIAS),
          vector(prefix + "self_attn.v_proj.bias", kv, Role.BIAS));
    }
    if (config.queryKeyNorm()) {
      plan.add(
          WeightNames.queryNorm(layer),
          vector(prefix + "self_attn.q_norm.weight", config.headSize(), Role.NORM));
      plan.add(
          WeightNames.keyNorm(layer),
          vector(prefix + "self_attn.k_norm.weight", config.headSize(), Role.NORM));
    }
    plan.add(
        WeightNames.attentionOutput(layer),
        matrix(prefix + "self_attn.o_proj.weight", hidden, queries));
    if (config.outputBias()) {
      plan.add(
          WeightNames.bias(WeightNames.attentionOutput(layer)),
          vector(prefix + "self_attn.o_proj.bias", hidden, Role.BIAS));
    }
    plan.add(
        WeightNames.mlpNorm(layer),
        vector(prefix + "post_attention_layernorm.weight", hidden, Role.NORM));
    plan.add(
        WeightNames.gateUp(layer),
        matrix(prefix + "mlp.gate_proj.weight", inner, hidden),
        matrix(prefix + "mlp.up_proj.weight", inner, hidden));
    plan.add(WeightNames.down(layer), matrix(prefix + "mlp.down_proj.weight", hidden, inner));
    if (config.mlpBias()) {
      plan.add(
          WeightNames.bias(WeightNames.gateUp(layer)),
          vector(prefix + "mlp.gate_proj.bias", inner, Role.BIAS),
          vector(prefix + "mlp.up_proj.bias", inner, Role.BIAS));
      plan.add(
          WeightNames.bias(WeightNames.down(layer)),
          vector(prefix + "mlp.down_proj.bias", hidden, Role.BIAS));
    }
  }

  private static TensorSpec matrix(String name, int rows, int columns) {
    return new TensorSpec(name, List.of(rows, columns), Role.MATRIX);
  }

  private static TensorSpec vector(String name, int size, Role role) {
    return new TensorSpec(name, List.of(size), role);
  }

  /** The tensors that the checkpoint must have. */
  List<TensorSpec> tensors() {
    return blocks.stream().flatMap(block -> block.tensors().stream()).toList();
  }

  List<WeightBlock> weightBlocks() {
    return blocks.stream().map(PlannedBlock::block).toList();
  }

  /** Size of the weights file. */
  long byteCount() {
    return blocks.get(blocks.size() - 1).block().end();
  }

  private static final class Builder {

    private final ModelDtype dtype;
    private final List<PlannedBlock> blocks = new ArrayList<>();
    private long end;

    Builder(ModelDtype dtype) {
      this.dtype = dtype;
    }

    void add(String name, TensorSpec... tensors) {
      List<Integer> shape = new ArrayList<>(tensors[0].shape());
      for (int i = 1; i < tensors.length; i++) {
        shape.set(0, Math.addExact(shape.get(0), tensors[i].shape().get(0)));
      }
      place(new WeightBlock(name, dtype, shape, aligned()), List.of(tensors));
    }

    /** Rotation tables are fp32 in every dtype. */
    void addTable(String name, int rows, int columns) {
      place(new WeightBlock(name, ModelDtype.FP32, List.of(rows, columns), aligned()), List.of());
    }

    private void place(WeightBlock block, List<TensorSpec> tensors) {
      blocks.add(new PlannedBlock(block, tensors));
      end = block.end();
    }

    private long aligned() {
      return (end + ALIGNMENT - 1) / ALIGNMENT * ALIGNMENT;
    }
  }
}
