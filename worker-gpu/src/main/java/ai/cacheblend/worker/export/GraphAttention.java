package ai.cacheblend.worker.export;

import ai.cacheblend.worker.export.OnnxGraph.Attribute;
import ai.cacheblend.worker.model.GraphContract;
import ai.cacheblend.worker.model.ModelConfig;
import ai.cacheblend.worker.model.ModelManifest;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/** The attention of one layer: projections, selection of rows, the KV ops. */
final class GraphAttention {

  private final OnnxGraph graph;
  private final GraphWeights weights;
  private final ModelConfig config;
  private final int layer;
  private final String prefix;

  GraphAttention(OnnxGraph graph, GraphWeights weights, ModelManifest manifest, int layer) {
    this.graph = graph;
    this.weights = weights;
    this.config = manifest.config();
    this.layer = layer;
    this.prefix = "layers." + layer + ".";
  }

  /** A projection: the value that holds it and the column at which its heads start. */
  private record Columns(String value, int offset) {}

  /** Keys and values of all rows; where the queries come from the same product, those too. */
  private record Projections(Optional<Columns> q, Columns k, Columns v) {}

  private Projections projections;
  private ProjectionInput normed;

  /**
   * First half: keys and values of all rows.
   *
   * @param withQueries all rows ask as well, so that one product can serve q, k and v
   */
  void project(ProjectionInput rows, boolean withQueries) {
    normed = rows;
    int queries = config.queryWidth();
    int kv = config.kvWidth();
    String qkv = WeightNames.qkv(layer);
    if (config.queryKeyNorm()) {
      String k = weights.linear(prefix + "k", normed, qkv, "k", queries, kv, config.qkvBias());
      String v = weights.linear(prefix + "v", normed, qkv, "v", queries + kv, kv, config.qkvBias());
      String normedKeys = headNorm("k", k, config.kvHeadCount(), WeightNames.keyNorm(layer));
      projections =
          new Projections(Optional.empty(), new Columns(normedKeys, 0), new Columns(v, 0));
    } else if (withQueries) {
      String all = weights.linear(prefix + "qkv", normed, qkv, config.qkvBias());
      projections =
          new Projections(
              Optional.of(new Columns(all, 0)),
              new Columns(all, queries),
              new Columns(all, queries + kv));
    } else {
      String both =
          weights.linear(prefix + "kv", normed, qkv, "kv", queries, 2 * kv, config.qkvBias());
      projections = new Projections(Optional.empty(), new Columns(both, 0), new Columns(both, kv));
    }
  }

  /** RMS norm of each head, [rows, heads · size] to the same shape. */
  private String headNorm(String part, String x, int heads, String block) {
    // A 0 in the shape keeps the number of rows.
    String split = graph.list("shape.heads." + heads, 0, heads, config.headSize());
    String joined = graph.list("shape.rows." + heads, 0, (long) heads * config.headSize());
    String perHead = graph.standard("Reshape", prefix + part + ".heads", List.of(x, split));
    String normedHeads = weights.norm(prefix + part + ".normed_heads", perHead, block);
    return graph.standard("Reshape", prefix + part + ".normed", List.of(normedHeads, joined));
  }

  /**
   * Compares fresh and cached KV and gives the rows that stay; {@code keptRows} tells which.
   *
   * @param check which of the check layers this is
   */
  GraphRows select(GraphRows rows, int check, String keptRows) {
    GraphRows kept = new GraphRows(prefix + "kept_positions", prefix + "kept_row_offsets");
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
            GraphContract.COMPARE_KEYS),
        Attribute.of("layer", layer),
        Attribute.of("check", check),
        Attribute.of("num_kv_heads", config.kvHeadCount()),
        Attribute.of("head_size", config.headSize()),
        Attribute.of("k_offset", projections.k().offset()),
        Attribute.of("v_offset", projections.v().offset()));
    return kept;
  }

  /**
   * Second half: writes keys and values of all rows, then lets the asking rows attend. What they
   * get is still to be projected.
   *
   * @param queryRows which of the rows ask; empty: all
   * @param asking positions and offsets of those
   */
  String attend(GraphRows rows, Optional<String> queryRows, GraphRows asking) {
    Columns q = projections.q().orElseGet(() -> queries(queryRows));
    List<String> inputs = new ArrayList<>();
    inputs.addAll(
        List.of(
            q.value(),
            projections.k().value(),
            projections.v().value(),
            rows.positions(),
            rows.offsets(),
            GraphContract.SEQUENCES,
            weights.whole(WeightNames.ROPE_COS),
            weights.whole(WeightNames.ROPE_SIN)));
    if (queryRows.isPresent() || layer == 0) {
      inputs.add(queryRows.orElse(""));
    }
    if (layer == 0) {
      // Here the step begins: what the host checks, before the rows lie on a device.
      inputs.addAll(List.of(GraphContract.STEP_POSITIONS, GraphContract.STEP_ROW_OFFSETS));
    }
    String rotated =
        graph.node(
            OnnxGraph.CACHEBLEND,
            "KvInject",
            prefix + "q_rotated",
            inputs,
            Attribute.of("layer", layer),
            Attribute.of("num_heads", config.queryHeadCount()),
            Attribute.of("num_kv_heads", config.kvHeadCount()),
            Attribute.of("head_size", config.headSize()),
            Attribute.of("q_offset", q.offset()),
            Attribute.of("k_offset", projections.k().offset()),
            Attribute.of("v_offset", projections.v().offset()));
    return graph.node(
        OnnxGraph.CACHEBLEND,
        "PartialAttention",
        prefix + "attention",
        List.of(rotated, asking.positions(), asking.offsets(), GraphContract.SEQUENCES),
        Attribute.of("layer", layer),
        Attribute.of("num_heads", config.queryHeadCount()),
        Attribute.of("num_kv_heads", config.kvHeadCount()),
        Attribute.of("head_size", config.headSize()),
        Attribute.of("window", config.layerWindows().get(layer)),
        Attribute.of("scale", 0f));
  }

  private Columns queries(Optional<String> queryRows) {
    ProjectionInput x =
        queryRows
            .map(
                rows ->
                    new ProjectionInput(
                        weights.takeRows(prefix + "query_input", normed.value(), rows),
                        normed.norm()))
            .orElse(normed);
    String q =
        weights.linear(
            prefix + "q", x, WeightNames.qkv(layer), "q", 0, config.queryWidth(), config.qkvBias());
    return new Columns(
        config.queryKeyNorm()
            ? headNorm("q", q, config.queryHeadCount(), WeightNames.queryNorm(layer))
            : q,
        0);
  }
}
