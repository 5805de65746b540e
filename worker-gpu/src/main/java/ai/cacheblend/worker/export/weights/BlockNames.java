package ai.cacheblend.worker.export.weights;

/** Names of the blocks of a weights file, shared by its writer and the graph builder. */
public final class BlockNames {

  public static final String EMBEDDING = "embed.weight";
  public static final String FINAL_NORM = "norm.weight";
  public static final String OUTPUT = "output.weight";
  public static final String ROPE_COS = "rope.cos";
  public static final String ROPE_SIN = "rope.sin";

  /** Tables of layers with a window, where these have a rotary embedding of their own. */
  public static final String WINDOW_ROPE_COS = "window_rope.cos";

  public static final String WINDOW_ROPE_SIN = "window_rope.sin";

  private static final String WEIGHT = "weight";

  private BlockNames() {}

  public static String inputNorm(int layer) {
    return weight(layer, "input_norm");
  }

  public static String qkv(int layer) {
    return weight(layer, "qkv");
  }

  public static String queryNorm(int layer) {
    return weight(layer, "q_norm");
  }

  public static String keyNorm(int layer) {
    return weight(layer, "k_norm");
  }

  public static String attentionOutput(int layer) {
    return weight(layer, "attention_output");
  }

  /** The norm behind the attention. */
  public static String attentionOutputNorm(int layer) {
    return weight(layer, "attention_output_norm");
  }

  /** The norm behind the feed-forward. */
  public static String mlpOutputNorm(int layer) {
    return weight(layer, "mlp_output_norm");
  }

  public static String mlpNorm(int layer) {
    return weight(layer, "mlp_norm");
  }

  public static String gateUp(int layer) {
    return weight(layer, "gate_up");
  }

  public static String down(int layer) {
    return weight(layer, "down");
  }

  private static String weight(int layer, String part) {
    return "layers." + layer + "." + part + "." + WEIGHT;
  }

  /** The bias that belongs to a weight. */
  public static String bias(String weight) {
    return weight.substring(0, weight.length() - WEIGHT.length()) + "bias";
  }
}
