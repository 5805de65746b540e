package ai.cacheblend.worker.model;

/**
 * Names of the inputs and outputs of an exported graph, shared by exporter and session.
 *
 * <p>R: rows of the step, packed without padding. S: sequences. A: rows that stay active after the
 * last check layer. C: check layers of the graph. L: layers. V: vocabulary size. All integers are
 * int64.
 */
public final class GraphContract {

  /** [R] token id of each row; −1 − i stands for token i of the step before. */
  public static final String TOKEN_IDS = "token_ids";

  /** [R] position of each row in its sequence. */
  public static final String POSITIONS = "positions";

  /** [S + 1] rows of sequence s are {@code [offsets[s], offsets[s + 1])}. */
  public static final String ROW_OFFSETS = "row_offsets";

  /**
   * [R] the positions again, in host memory for validation: ONNX Runtime passes a value to a node
   * in the memory of one device only.
   */
  public static final String STEP_POSITIONS = "step_positions";

  /** [S + 1] the row offsets again, in host memory for validation. */
  public static final String STEP_ROW_OFFSETS = "step_row_offsets";

  /** [S] handle of each sequence in the KV pool. */
  public static final String SEQUENCES = "sequences";

  /** [C, S] cached rows that stay active after each check layer; −1 keeps all rows. */
  public static final String KEEP_COUNTS = "keep_counts";

  /** [S] 1 compares keys at the check layers, 0 compares values. */
  public static final String COMPARE_KEYS = "compare_keys";

  /** [S] 1 multiplies the scores of the check layers by the attention of an earlier probe. */
  public static final String WEIGH_BY_ATTENTION = "weigh_by_attention";

  /**
   * [4, S] rows that are active in layer 0, chosen by the attention of an earlier probe: count (−1
   * keeps all rows), anchors among them, depth and end of the chunk heads. See {@link RowChoice}.
   */
  public static final String CHOICES = "choices";

  /** [L, S] 1 where a probe adds up the attention of a layer. */
  public static final String PROBE_LAYERS = "probe_layers";

  /** [S] rows with a query in the last layer, from the end: 1, or the query rows of a probe. */
  public static final String QUERY_COUNTS = "query_counts";

  /**
   * [2] handles of memory for the next tokens of the step, and of that with the tokens of the step
   * before, to which negative token ids refer; 0: none. See {@link TokenLinks}.
   */
  public static final String STEP_TOKENS = "step_tokens";

  /** [S, V] fp32 logits of the last row of each sequence. */
  public static final String LOGITS = "logits";

  /** [S] argmax of the logits; ties go to the lower id. */
  public static final String NEXT_TOKEN_IDS = "next_token_ids";

  /** [R] fp32 attention of each row, from an earlier probe; −1 for forced rows. */
  public static final String ATTENTION = "attention";

  /** [1] number of rows that are active in layer 0, in host memory. */
  public static final String FIRST_ROW_COUNT = "first_row_count";

  /** [A] positions of the active rows. */
  public static final String ACTIVE_POSITIONS = "active_positions";

  /** [S + 1] row offsets of the active rows. */
  public static final String ACTIVE_ROW_OFFSETS = "active_row_offsets";

  private GraphContract() {}

  /** Output with the positions of the rows that reach a check layer. */
  public static String scoredPositions(int layer) {
    return "scored_positions_" + layer;
  }

  /** Output with the fp32 scores of those rows; −1 for forced rows. */
  public static String scores(int layer) {
    return "scores_" + layer;
  }
}
