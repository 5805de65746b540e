package ai.cacheblend.worker.export;

import ai.cacheblend.worker.export.OnnxGraph.Attribute;
import ai.cacheblend.worker.model.GraphContract;
import ai.cacheblend.worker.model.ModelConfig;
import ai.cacheblend.worker.model.ModelManifest;
import ai.onnx.proto.OnnxMl.ModelProto;
import ai.onnx.proto.OnnxMl.TensorProto;
import java.util.List;
import java.util.Optional;

/**
 * Builds the graph of a decoder over a weights file. Values are [rows, columns], rows of all
 * sequences packed. In the last layer only the last row of each sequence asks: of the others
 * nothing but KV is needed any more.
 */
public final class GraphBuilder {

  private static final int INT64 = TensorProto.DataType.INT64_VALUE;
  private static final int FLOAT = TensorProto.DataType.FLOAT_VALUE;

  private final ModelManifest manifest;
  private final ModelConfig config;
  private final List<Integer> checkLayers;
  private final OnnxGraph graph = new OnnxGraph();
  private final GraphWeights weights;

  private GraphBuilder(ModelManifest manifest, List<Integer> checkLayers) {
    this.manifest = manifest;
    this.config = manifest.config();
    this.checkLayers = checkLayers;
    this.weights = new GraphWeights(graph, manifest);
  }

  /**
   * The graph with these check layers, over the weights file that the manifest describes. A session
   * that is made from its bytes must be told the model folder, for the weights.
   */
  public static ModelProto build(ModelManifest manifest, List<Integer> checkLayers) {
    ModelManifest.checkCheckLayers(checkLayers, manifest.layerCount());
    return new GraphBuilder(manifest, List.copyOf(checkLayers)).build();
  }

  private ModelProto build() {
    graph.input(GraphContract.TOKEN_IDS, INT64, "rows");
    graph.input(GraphContract.POSITIONS, INT64, "rows");
    graph.input(GraphContract.ROW_OFFSETS, INT64, "sequences_plus_1");
    graph.input(GraphContract.STEP_POSITIONS, INT64, "rows");
    graph.input(GraphContract.STEP_ROW_OFFSETS, INT64, "sequences_plus_1");
    graph.input(GraphContract.SEQUENCES, INT64, "sequences");
    graph.input(GraphContract.KEEP_COUNTS, INT64, checkLayers.size(), "sequences");
    graph.input(GraphContract.COMPARE_KEYS, INT64, "sequences");
    graph.input(GraphContract.LAST_ROW_OFFSETS, INT64, "sequences_plus_1");

    String embedded =
        weights.takeRows("embedded", weights.whole(WeightNames.EMBEDDING), GraphContract.TOKEN_IDS);
    Hidden hidden = new Hidden(embedded, Optional.empty());
    GraphRows rows = new GraphRows(GraphContract.POSITIONS, GraphContract.ROW_OFFSETS);
    for (int layer = 0; layer < config.layerCount(); layer++) {
      LayerResult result = layer(layer, hidden, rows);
      hidden = result.hidden();
      rows = result.rows();
    }
    finish(hidden);

    alias(GraphContract.ACTIVE_POSITIONS, rows.positions());
    alias(GraphContract.ACTIVE_ROW_OFFSETS, rows.offsets());
    graph.output(GraphContract.LOGITS, FLOAT, "sequences", config.vocabularySize());
    graph.output(GraphContract.NEXT_TOKEN_IDS, INT64, "sequences");
    graph.output(GraphContract.ACTIVE_POSITIONS, INT64, "active_rows");
    graph.output(GraphContract.ACTIVE_ROW_OFFSETS, INT64, "sequences_plus_1");
    for (int layer : checkLayers) {
      graph.output(GraphContract.scoredPositions(layer), INT64, "scored_rows_" + layer);
      graph.output(GraphContract.scores(layer), FLOAT, "scored_rows_" + layer);
    }
    return graph.model();
  }

  /** The residual stream: what it was, and what the last sublayer is still to add to it. */
  private record Hidden(String residual, Optional<String> added) {}

  /** What a layer hands on: the hidden rows, and which rows are active. */
  private record LayerResult(Hidden hidden, GraphRows rows) {}

  private LayerResult layer(int layer, Hidden hidden, GraphRows rows) {
    String prefix = "layers." + layer + ".";
    boolean last = layer == config.layerCount() - 1;
    boolean checks = checkLayers.contains(layer);
    Normed input =
        norm(prefix + "input", hidden, WeightNames.inputNorm(layer), config.queryKeyNorm());
    GraphAttention attention = new GraphAttention(graph, weights, manifest, layer);
    attention.project(input.normed(), !checks && !last);

    GraphRows active = rows;
    Optional<String> queryRows = Optional.empty();
    if (checks) {
      String kept = prefix + "kept_rows";
      active = attention.select(rows, checkLayers.indexOf(layer), kept);
      alias(GraphContract.scoredPositions(layer), rows.positions());
      queryRows = Optional.of(kept);
    }
    GraphRows asking = active;
    if (last) {
      String ends = lastRows(active);
      asking = lastOfEach(active, ends);
      queryRows =
          Optional.of(
              queryRows
                  .map(kept -> graph.standard("Gather", "last_kept_rows", List.of(kept, ends)))
                  .orElse(ends));
    }
    String attended = attention.attend(rows, queryRows, asking);
    String residual =
        queryRows
            .map(kept -> weights.takeRows(prefix + "kept_residual", input.sum(), kept))
            .orElse(input.sum());
    Hidden afterAttention =
        add(
            prefix + "attention_output",
            ProjectionInput.of(attended),
            WeightNames.attentionOutput(layer),
            config.outputBias(),
            residual);
    Normed middle = norm(prefix + "middle", afterAttention, WeightNames.mlpNorm(layer), false);
    Hidden afterMlp =
        add(
            prefix + "mlp",
            ProjectionInput.of(gated(layer, prefix, middle.normed())),
            WeightNames.down(layer),
            config.mlpBias(),
            middle.sum());
    return new LayerResult(afterMlp, active);
  }

  /** The residual stream with all that was added to it, and its rows as projections read them. */
  private record Normed(ProjectionInput normed, String sum) {}

  /**
   * @param shared several projections read the same rows: they are normed once, before
   */
  private Normed norm(String name, Hidden hidden, String block, boolean shared) {
    if (weights.fused()) {
      return new Normed(
          shared
              ? ProjectionInput.of(weights.norm(name + ".normed", hidden.residual(), block))
              : new ProjectionInput(hidden.residual(), Optional.of(block)),
          hidden.residual());
    }
    String normed = name + ".normed";
    if (hidden.added().isEmpty()) {
      return new Normed(
          ProjectionInput.of(weights.norm(normed, hidden.residual(), block)), hidden.residual());
    }
    String sum = name + ".sum";
    weights.normOfSum(normed, sum, hidden.added().get(), hidden.residual(), block);
    return new Normed(ProjectionInput.of(normed), sum);
  }

  /** The residual stream behind a projection that adds to it. */
  private Hidden add(String name, ProjectionInput x, String block, boolean bias, String residual) {
    return weights.fused()
        ? new Hidden(weights.linearOntoResidual(name, x, block, bias, residual), Optional.empty())
        : new Hidden(residual, Optional.of(weights.linear(name, x, block, bias)));
  }

  private String gated(int layer, String prefix, ProjectionInput x) {
    int inner = config.intermediateSize();
    String block = WeightNames.gateUp(layer);
    if (weights.fused()) {
      return weights.gatedLinear(prefix + "inner", x, block, config.mlpBias());
    }
    String gate = weights.linear(prefix + "gate", x, block, "gate", 0, inner, config.mlpBias());
    String up = weights.linear(prefix + "up", x, block, "up", inner, inner, config.mlpBias());
    String silu =
        graph.node(
            OnnxGraph.MICROSOFT,
            "QuickGelu",
            prefix + "gate.silu",
            List.of(gate),
            Attribute.of("alpha", 1f));
    return graph.standard("Mul", prefix + "inner", List.of(silu, up));
  }

  /** Index, among the active rows, of the last row of each sequence. */
  private String lastRows(GraphRows active) {
    String ends =
        graph.standard(
            "Slice",
            "row_ends",
            List.of(
                active.offsets(), graph.list("from_one", 1), graph.list("to_end", Long.MAX_VALUE)));
    return graph.standard("Sub", "last_rows", List.of(ends, graph.scalar("one", 1)));
  }

  private GraphRows lastOfEach(GraphRows active, String lastRows) {
    String positions =
        graph.standard("Gather", "last_positions", List.of(active.positions(), lastRows));
    return new GraphRows(positions, GraphContract.LAST_ROW_OFFSETS);
  }

  /** Final norm, output layer and its argmax, of one row per sequence. */
  private void finish(Hidden hidden) {
    String block = config.tiedEmbeddings() ? WeightNames.EMBEDDING : WeightNames.OUTPUT;
    if (weights.fused()) {
      ProjectionInput x =
          new ProjectionInput(hidden.residual(), Optional.of(WeightNames.FINAL_NORM));
      String logits = weights.linear("narrow_logits", x, block, false);
      graph.standard("Cast", GraphContract.LOGITS, List.of(logits), Attribute.of("to", FLOAT));
      graph.node(
          OnnxGraph.CACHEBLEND, "GreedyToken", GraphContract.NEXT_TOKEN_IDS, List.of(logits));
      return;
    }
    weights.normOfSum(
        "final.normed",
        "",
        hidden.added().orElseThrow(),
        hidden.residual(),
        WeightNames.FINAL_NORM);
    weights.linear(GraphContract.LOGITS, ProjectionInput.of("final.normed"), block, false);
    graph.standard(
        "ArgMax",
        GraphContract.NEXT_TOKEN_IDS,
        List.of(GraphContract.LOGITS),
        Attribute.of("axis", 1),
        Attribute.of("keepdims", 0));
  }

  /** A graph output that is another value under its contractual name. */
  private void alias(String output, String value) {
    graph.standard("Identity", output, List.of(value));
  }
}
