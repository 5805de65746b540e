package ai.cacheblend.worker.export.lowering;

import ai.cacheblend.worker.export.lowering.OnnxGraph.Attribute;
import ai.cacheblend.worker.export.weights.BlockNames;
import ai.cacheblend.worker.model.Dtype;
import ai.cacheblend.worker.model.GraphContract;
import ai.cacheblend.worker.model.ModelConfig;
import ai.cacheblend.worker.model.ModelManifest;
import ai.onnx.proto.OnnxMl.ModelProto;
import ai.onnx.proto.OnnxMl.TensorProto;
import java.util.List;
import java.util.Optional;

/**
 * Builds the graph of a decoder over a weights file. Values are [rows, columns], rows of all
 * sequences packed. In the last layer only the last row of each sequence, and the query rows of a
 * probe, have a query: the others contribute keys and values alone.
 */
public final class GraphBuilder {

  private static final int INT64 = TensorProto.DataType.INT64_VALUE;
  private static final int FLOAT = TensorProto.DataType.FLOAT_VALUE;

  /** Indexes, among the rows with a query in the last layer, of the last row of each sequence. */
  private static final String LAST_QUERIES = "last_queries";

  private final ModelConfig config;
  private final List<Integer> checkLayers;
  private final OnnxGraph graph = new OnnxGraph();
  private final GraphWeights weights;
  private final Lowering lowering;
  private final Dtype dtype;

  private GraphBuilder(ModelManifest manifest, List<Integer> checkLayers) {
    this.config = manifest.config();
    this.checkLayers = checkLayers;
    this.weights = new GraphWeights(graph, manifest);
    this.dtype = manifest.dtypes().compute();
    this.lowering =
        dtype == Dtype.FP32
            ? new StandardLowering(graph, weights)
            : new FusedLowering(graph, weights);
  }

  /**
   * The graph with these check layers, over the weights file that the manifest describes. A session
   * over its bytes needs the model folder as the folder of its external data.
   */
  public static ModelProto build(ModelManifest manifest, List<Integer> checkLayers) {
    ModelManifest.checkCheckLayers(checkLayers, manifest.config().layerCount());
    return new GraphBuilder(manifest, List.copyOf(checkLayers)).build();
  }

  private ModelProto build() {
    addInputs();
    RowSet rows = new RowSet("chosen_positions", "chosen_row_offsets");
    String tokenIds = chooseRows(rows);
    String embedded = lowering.takeRows("embedded", weights.whole(BlockNames.EMBEDDING), tokenIds);
    Hidden hidden = Hidden.of(scaled(embedded));
    for (int layer = 0; layer < config.layerCount(); layer++) {
      LayerResult result = layer(layer, hidden, rows);
      hidden = result.hidden();
      rows = result.rows();
    }
    outputLayer(hidden);
    alias(GraphContract.ACTIVE_POSITIONS, rows.positions());
    alias(GraphContract.ACTIVE_ROW_OFFSETS, rows.offsets());
    addOutputs();
    return graph.model();
  }

  /** The embeddings times their scale, which is rounded to the compute type. */
  private String scaled(String embedded) {
    return config
        .decoder()
        .embeddingScale()
        .map(scale -> graph.number("embedding_scale", dtype, scale.floatValue()))
        .map(scale -> graph.standard("Mul", "scaled_embedded", List.of(embedded, scale)))
        .orElse(embedded);
  }

  /** The graph outputs {@code logits, next_token_ids}. */
  private void outputLayer(Hidden hidden) {
    Optional<Double> cap = config.decoder().logitSoftCap();
    String logits = cap.isEmpty() ? GraphContract.LOGITS : "uncapped_logits";
    String computed =
        lowering.logits(
            logits,
            hidden,
            config.vocabulary().tiedOutput() ? BlockNames.EMBEDDING : BlockNames.OUTPUT);
    cap.ifPresent(value -> softCap(logits, value.floatValue()));
    graph.node(
        OnnxGraph.CACHEBLEND,
        "GreedyToken",
        GraphContract.NEXT_TOKEN_IDS,
        List.of(cap.isEmpty() ? computed : GraphContract.LOGITS, GraphContract.STEP_TOKENS));
  }

  /** {@code cap · tanh(logits / cap)}. */
  private void softCap(String logits, float value) {
    String cap = graph.number("logit_soft_cap", Dtype.FP32, value);
    String shares = graph.standard("Div", "logit_shares", List.of(logits, cap));
    String squashed = graph.standard("Tanh", "squashed_logits", List.of(shares));
    graph.standard("Mul", GraphContract.LOGITS, List.of(squashed, cap));
  }

  private void addInputs() {
    graph.input(GraphContract.TOKEN_IDS, INT64, "rows");
    graph.input(GraphContract.POSITIONS, INT64, "rows");
    graph.input(GraphContract.ROW_OFFSETS, INT64, "sequences_plus_1");
    graph.input(GraphContract.STEP_POSITIONS, INT64, "rows");
    graph.input(GraphContract.STEP_ROW_OFFSETS, INT64, "sequences_plus_1");
    graph.input(GraphContract.SEQUENCES, INT64, "sequences");
    graph.input(GraphContract.KEEP_COUNTS, INT64, checkLayers.size(), "sequences");
    graph.input(GraphContract.COMPARE_KEYS, INT64, "sequences");
    graph.input(GraphContract.WEIGH_BY_ATTENTION, INT64, "sequences");
    graph.input(GraphContract.CHOICES, INT64, 4, "sequences");
    graph.input(GraphContract.PROBE_LAYERS, INT64, config.layerCount(), "sequences");
    graph.input(GraphContract.QUERY_COUNTS, INT64, "sequences");
    graph.input(GraphContract.STEP_TOKENS, INT64, 2);
  }

  private void addOutputs() {
    graph.output(GraphContract.LOGITS, FLOAT, "sequences", config.vocabulary().size());
    graph.output(GraphContract.NEXT_TOKEN_IDS, INT64, "sequences");
    graph.output(GraphContract.ATTENTION, FLOAT, "rows");
    graph.output(GraphContract.FIRST_ROW_COUNT, INT64, 1);
    graph.output(GraphContract.ACTIVE_POSITIONS, INT64, "active_rows");
    graph.output(GraphContract.ACTIVE_ROW_OFFSETS, INT64, "sequences_plus_1");
    for (int layer : checkLayers) {
      graph.output(GraphContract.scoredPositions(layer), INT64, "scored_rows_" + layer);
      graph.output(GraphContract.scores(layer), FLOAT, "scored_rows_" + layer);
    }
  }

  /** The first op: rows that are active in layer 0; returns their token ids. */
  private String chooseRows(RowSet chosen) {
    String tokenIds = "chosen_token_ids";
    graph.node(
        OnnxGraph.CACHEBLEND,
        "ChooseRows",
        List.of(tokenIds, chosen.positions(), chosen.offsets(), GraphContract.ATTENTION),
        List.of(
            GraphContract.TOKEN_IDS,
            GraphContract.POSITIONS,
            GraphContract.ROW_OFFSETS,
            GraphContract.SEQUENCES,
            GraphContract.CHOICES,
            GraphContract.PROBE_LAYERS,
            GraphContract.STEP_POSITIONS,
            GraphContract.STEP_ROW_OFFSETS,
            GraphContract.STEP_TOKENS),
        Attribute.of("layer", 0),
        Attribute.of("num_kv_heads", config.attention().kvHeadCount()),
        Attribute.of("head_size", config.attention().headSize()));
    graph.standard("Shape", GraphContract.FIRST_ROW_COUNT, List.of(chosen.positions()));
    return tokenIds;
  }

  /** The hidden rows after a layer, and which rows are active there. */
  private record LayerResult(Hidden hidden, RowSet rows) {}

  private LayerResult layer(int layer, Hidden hidden, RowSet rows) {
    String prefix = "layers." + layer + ".";
    boolean last = layer == config.layerCount() - 1;
    boolean checks = checkLayers.contains(layer);
    NormedRows input =
        lowering.norm(
            prefix + "input",
            hidden,
            BlockNames.inputNorm(layer),
            config.attention().queryKeyNorm());
    AttentionBuilder attention = new AttentionBuilder(graph, weights, lowering, config, layer);
    attention.project(input.input(), !checks && !last);

    RowSet active = rows;
    Optional<String> queryRows = Optional.empty();
    if (checks) {
      String kept = prefix + "kept_rows";
      active = attention.select(rows, checkLayers.indexOf(layer), kept);
      alias(GraphContract.scoredPositions(layer), rows.positions());
      queryRows = Optional.of(kept);
    }
    RowSet withQuery = active;
    Optional<String> outputRows = queryRows;
    if (last) {
      LastRows lastRows = lastRows(active);
      withQuery = lastRows.withQuery();
      outputRows = Optional.of(among(queryRows, "last_kept_rows", lastRows.lastRows()));
      queryRows = Optional.of(among(queryRows, "query_kept_rows", lastRows.queryRows()));
    }
    String attended =
        attention.attend(
            rows,
            queryRows,
            withQuery,
            last ? Optional.of(GraphContract.QUERY_COUNTS) : Optional.empty());
    if (last) {
      attended = lowering.takeRows(prefix + "last_attention", attended, LAST_QUERIES);
    }
    String residual =
        outputRows
            .map(kept -> lowering.takeRows(prefix + "kept_residual", input.residual(), kept))
            .orElse(input.residual());
    if (!last) {
      // Probes that end in this layer have no rows in the attention.
      residual = lowering.firstRows(prefix + "continued_residual", residual, attended);
    }
    Hidden afterAttention =
        lowering.projectOntoResidual(
            prefix + "attention_output",
            ProjectionInput.of(attended),
            Projection.whole(BlockNames.attentionOutput(layer), config.attention().outputBias()),
            outputNorm(BlockNames.attentionOutputNorm(layer)),
            residual);
    return new LayerResult(feedForward(layer, prefix, afterAttention), active);
  }

  private Hidden feedForward(int layer, String prefix, Hidden hidden) {
    boolean hasBias = config.feedForward().hasBias();
    NormedRows middle = lowering.norm(prefix + "middle", hidden, BlockNames.mlpNorm(layer), false);
    String inner =
        lowering.gatedUnit(
            prefix,
            middle.input(),
            BlockNames.gateUp(layer),
            hasBias,
            config.decoder().activation());
    return lowering.projectOntoResidual(
        prefix + "mlp",
        ProjectionInput.of(inner),
        Projection.whole(BlockNames.down(layer), hasBias),
        outputNorm(BlockNames.mlpOutputNorm(layer)),
        middle.residual());
  }

  private Optional<String> outputNorm(String block) {
    return config.decoder().outputNorms() ? Optional.of(block) : Optional.empty();
  }

  /**
   * Rows of the last layer.
   *
   * @param queryRows indexes, among the active rows, of the rows with a query
   * @param lastRows indexes, among the active rows, of the last row of each sequence
   */
  private record LastRows(String queryRows, RowSet withQuery, String lastRows) {}

  private LastRows lastRows(RowSet active) {
    LastRows rows =
        new LastRows("query_rows", new RowSet("query_positions", "query_row_offsets"), "last_rows");
    graph.node(
        OnnxGraph.CACHEBLEND,
        "LastRows",
        List.of(
            rows.queryRows(),
            rows.withQuery().positions(),
            rows.withQuery().offsets(),
            LAST_QUERIES,
            rows.lastRows()),
        List.of(
            active.positions(),
            active.offsets(),
            GraphContract.SEQUENCES,
            GraphContract.QUERY_COUNTS),
        Attribute.of("layer", config.layerCount() - 1),
        Attribute.of("num_kv_heads", config.attention().kvHeadCount()),
        Attribute.of("head_size", config.attention().headSize()));
    return rows;
  }

  /** Rows of the layer, from indexes among the rows that it keeps; empty: it keeps all. */
  private String among(Optional<String> kept, String name, String rows) {
    return kept.map(all -> graph.standard("Gather", name, List.of(all, rows))).orElse(rows);
  }

  /** A value under the name of a graph output. */
  private void alias(String output, String value) {
    graph.standard("Identity", output, List.of(value));
  }
}
