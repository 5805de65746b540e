package ai.cacheblend.worker.export;

/** Names of the blocks in the weights file, shared by the one who writes them and the graph. */
final class WeightNames {

  static final String EMBEDDING = "embed.weight";
  static final String FINAL_NORM = "norm.weight";
  static final String OUTPUT = "output.weight";
  static final String ROPE_COS = "rope.cos";
  static final String ROPE_SIN = "rope.sin";

  private WeightNames() {}

  static String inputNorm(int layer) {
    return weight(layer, "input_norm");
  }

  static String qkv(int layer) {
    return weight(layer, "qkv");
  }

  static String queryNorm(int layer) {
    return weight(layer, "q_norm");
  }

  static String keyNorm(int layer) {
    return weight(layer, "k_norm");
  }

  static String attentionOutput(int layer) {
    return weight(layer, "attention_output");
  }

  static String mlpNorm(int layer) {
    return weight(layer, "mlp_norm");
  }

  static String gateUp(int layer) {
    return weight(layer, "gate_up");
  }

  static String down(int layer) {
    return weight(layer, "down");
  }

  private static String weight(int layer, String part) {
    return "layers." + layer + "." + part + ".weight";
  }

  /** The bias that goes with a weight. */
  static String bias(String weight) {
    return weight.substring(0, weight.length() - "weight".length()) + "bias";
  }
}
