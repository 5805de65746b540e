package ai.cacheblend.worker.export.lowering;

import ai.cacheblend.worker.export.lowering.OnnxGraph.Attribute;
import ai.cacheblend.worker.export.weights.BlockNames;
import ai.cacheblend.worker.model.GraphContract;
import ai.cacheblend.worker.model.ModelConfig;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/** The attention of one layer: projections, selection of rows, the KV ops. */
final class AttentionBuilder {

  private final OnnxGraph graph;
  private final GraphWeights weights;
  private final Lowering lowering;
  private final ModelConfig config;
  private final ModelConfig.Attention attention;
  private final int layer;
  private final String prefix;

  AttentionBuilder(
      OnnxGraph graph, GraphWeights weights, Lowering lowering, ModelConfig config, int layer) {
    this.graph = graph;
    this.weights = weights;
    this.lowering = lowering;
    this.config = config;
    this.attention = config.attention();
    this.layer = layer;
    this.prefix = "layers." + layer + ".";
  }

  /** A projection: the value that holds it and the column at which its heads start. */
  private record Columns(String value, int offset) {}

  /** Keys and values of all rows, and the queries where the same product computes them. */
  private record Projections(Optional<Columns> q, Columns k, Columns v) {}

  private Projections projections;
  private ProjectionInput input;

  /**
   * First half: keys and values of all rows.
   *
   * @param withQueries all rows have a query, so that one product serves q, k and v
   */
  void project(ProjectionInput rows, boolean withQueries) {
    input = rows;
    int queries = attention.queryWidth();
    int kv = attention.kvWidth();
    if (attention.queryKeyNorm()) {
      String k = lowering.project(prefix + "k", input, slice("k", queries, kv));
      String v = lowering.project(prefix + "v", input, slice("v", queries + kv, kv));
      String normedKeys =
          lowering.headNorm(prefix + "k", k, attention.kvHeadCount(), BlockNames.keyNorm(layer));
      projections =
          new Projections(Optional.empty(), new Columns(normedKeys, 0), new Columns(v, 0));
    } else if (withQueries) {
      String all =
          lowering.project(
              prefix + "qkv", input, Projection.whole(BlockNames.qkv(layer), attention.qkvBias()));
      projections =
          new Projections(
              Optional.of(new Columns(all, 0)),
              new Columns(all, queries),
              new Columns(all, queries + kv));
    } else {
      String both = lowering.project(prefix + "kv", input, slice("kv", queries, 2 * kv));
      projections = new Projections(Optional.empty(), new Columns(both, 0), new Columns(both, kv));
    }
  }

  private Projection slice(String name, int firstRow, int rowCount) {
    return Projection.slice(BlockNames.qkv(layer), name, firstRow, rowCount, attention.qkvBias());
  }

  /**
   * Compares fresh and cached KV; returns the rows that stay active.
   *
   * @param check index of this layer among the check layers
   * @param keptRows name of the value with the indexes of those rows
   */
  RowSet select(RowSet rows, int check, String keptRows) {
    RowSet kept = new RowSet(prefix + "kept_positions", prefix + "kept_row_offsets");
    graph.node(
        OnnxGraph.CACHEBLEND,
        "SelectRows",
        List.of(keptRows, kept.positions(), kept.offsets(), GraphContract.scores(layer)),
        List.of(
            projections.k().value(),
            projections.v().value(),
            rows.positions(),
            rows.offsets(),
            GraphContract.SEQUENCES,
            GraphContract.KEEP_COUNTS,
            GraphContract.COMPARE_KEYS,
            GraphContract.WEIGH_BY_ATTENTION),
        Attribute.of("layer", layer),
        Attribute.of("check", check),
        Attribute.of("num_kv_heads", attention.kvHeadCount()),
        Attribute.of("head_size", attention.headSize()),
        Attribute.of("k_offset", projections.k().offset()),
        Attribute.of("v_offset", projections.v().offset()));
    return kept;
  }

  /**
   * Second half: writes keys and values of all rows, then computes the attention of the rows with a
   * query. The output projection is not included.
   *
   * @param queryRows indexes of the rows with a query; empty: all
   * @param withQuery positions and offsets of those rows
   * @param queryCounts number of those rows by sequence, in host memory; empty: all active rows
   */
  String attend(
      RowSet rows, Optional<String> queryRows, RowSet withQuery, Optional<String> queryCounts) {
    Columns q = projections.q().orElseGet(() -> queries(queryRows));
    String rotated =
        graph.node(
            OnnxGraph.CACHEBLEND,
            "KvInject",
            prefix + "q_rotated",
            injectInputs(rows, queryRows, q),
            Attribute.of("layer", layer),
            Attribute.of("num_heads", attention.queryHeadCount()),
            Attribute.of("num_kv_heads", attention.kvHeadCount()),
            Attribute.of("head_size", attention.headSize()),
            Attribute.of("q_offset", q.offset()),
            Attribute.of("k_offset", projections.k().offset()),
            Attribute.of("v_offset", projections.v().offset()));
    return graph.node(
        OnnxGraph.CACHEBLEND,
        "PartialAttention",
        prefix + "attention",
        attentionInputs(rotated, withQuery, queryCounts),
        Attribute.of("layer", layer),
        Attribute.of("num_heads", attention.queryHeadCount()),
        Attribute.of("num_kv_heads", attention.kvHeadCount()),
        Attribute.of("head_size", attention.headSize()),
        Attribute.of("window", attention.layerWindows().get(layer)),
        Attribute.of("scale", config.decoder().attentionScale().orElse(0.0).floatValue()),
        Attribute.of("soft_cap", config.decoder().attentionSoftCap().orElse(0.0).floatValue()));
  }

  private static List<String> attentionInputs(
      String rotated, RowSet withQuery, Optional<String> queryCounts) {
    List<String> inputs =
        new ArrayList<>(
            List.of(
                rotated,
                withQuery.positions(),
                withQuery.offsets(),
                GraphContract.SEQUENCES,
                GraphContract.PROBE_LAYERS));
    queryCounts.ifPresent(inputs::add);
    return inputs;
  }

  private List<String> injectInputs(RowSet rows, Optional<String> queryRows, Columns q) {
    boolean window = config.hasWindowRope(layer);
    List<String> inputs =
        new ArrayList<>(
            List.of(
                q.value(),
                projections.k().value(),
                projections.v().value(),
                rows.positions(),
                rows.offsets(),
                GraphContract.SEQUENCES,
                weights.whole(window ? BlockNames.WINDOW_ROPE_COS : BlockNames.ROPE_COS),
                weights.whole(window ? BlockNames.WINDOW_ROPE_SIN : BlockNames.ROPE_SIN)));
    queryRows.ifPresent(inputs::add);
    return inputs;
  }

  private Columns queries(Optional<String> queryRows) {
    ProjectionInput x =
        queryRows
            .map(
                rows ->
                    new ProjectionInput(
                        lowering.takeRows(prefix + "query_input", input.value(), rows),
                        input.norm()))
            .orElse(input);
    String q = lowering.project(prefix + "q", x, slice("q", 0, attention.queryWidth()));
    return new Columns(
        attention.queryKeyNorm()
            ? lowering.headNorm(
                prefix + "q", q, attention.queryHeadCount(), BlockNames.queryNorm(layer))
            : q,
        0);
  }
}
