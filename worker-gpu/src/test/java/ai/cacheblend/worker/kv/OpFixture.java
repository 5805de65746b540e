package ai.cacheblend.worker.kv;

import ai.cacheblend.worker.TestDevice;
import ai.onnxruntime.OrtException;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Random;

/** The ops of one layer over a small pool, and their expected results in fp64. */
final class OpFixture implements AutoCloseable {
  static final int HEADS = 4;
  static final int KV_HEADS = 2;
  static final int HEAD_SIZE = 24;
  static final int POSITIONS = 300;
  static final KvShape SHAPE = new KvShape(1, KV_HEADS, HEAD_SIZE);

  final NativeKvPool pool = NativeKvPool.create(TestDevice.kvStorage(), SHAPE, 16);
  final float[][] cos = new float[POSITIONS][HEAD_SIZE / 2];
  final float[][] sin = new float[POSITIONS][HEAD_SIZE / 2];
  private final Random random = new Random(20241);
  private final List<OpGraph> graphs = new ArrayList<>();

  OpFixture() {
    for (int p = 0; p < POSITIONS; p++) {
      for (int i = 0; i < HEAD_SIZE / 2; i++) {
        double angle = p * Math.pow(10000, -2.0 * i / HEAD_SIZE);
        cos[p][i] = (float) Math.cos(angle);
        sin[p][i] = (float) Math.sin(angle);
      }
    }
  }

  float[][] rows(int count, int width) {
    float[][] rows = new float[count][width];
    for (float[] row : rows) {
      for (int i = 0; i < width; i++) {
        row[i] = (float) random.nextGaussian();
      }
    }
    return rows;
  }

  float[][] queries(int count) {
    return rows(count, HEADS * HEAD_SIZE);
  }

  float[][] kv(int count) {
    return rows(count, KV_HEADS * HEAD_SIZE);
  }

  OpGraph kvInject(Map<String, ? extends Number> changes, String... moreInputs)
      throws OrtException {
    List<String> inputs =
        new ArrayList<>(
            List.of("q", "k", "v", "positions", "row_offsets", "sequences", "cos", "sin"));
    inputs.add(List.of(moreInputs).contains("query_rows") ? "query_rows" : "");
    inputs.addAll(List.of("step_positions", "step_row_offsets"));
    return graph("KvInject", attributes(changes), inputs, List.of("q_rotated"));
  }

  OpGraph kvInject() throws OrtException {
    return kvInject(Map.of());
  }

  OpGraph attention(int window) throws OrtException {
    return attention(window, List.of());
  }

  /** Attention that also probes. */
  OpGraph probe(int window) throws OrtException {
    return attention(window, List.of("probe_layers"));
  }

  /** Attributes of the ops that know the shape of KV alone. */
  private static Map<String, Number> layerAttributes() {
    Map<String, Number> attributes = new LinkedHashMap<>();
    attributes.put("layer", 0);
    attributes.put("num_kv_heads", KV_HEADS);
    attributes.put("head_size", HEAD_SIZE);
    return attributes;
  }

  OpGraph firstRows() throws OrtException {
    return graph("FirstRows", Map.of(), List.of("table", "like"), List.of("first_rows"));
  }

  OpGraph chooseRows() throws OrtException {
    return graph(
        "ChooseRows",
        layerAttributes(),
        List.of(
            "token_ids",
            "positions",
            "row_offsets",
            "sequences",
            "choices",
            "probe_layers",
            "step_positions",
            "step_row_offsets"),
        List.of("chosen_token_ids", "chosen_positions", "chosen_row_offsets", "scores"));
  }

  private OpGraph attention(int window, List<String> moreInputs) throws OrtException {
    List<String> inputs = new ArrayList<>(List.of("q", "positions", "row_offsets", "sequences"));
    inputs.addAll(moreInputs);
    Map<String, Number> attributes = new LinkedHashMap<>();
    attributes.put("layer", 0);
    attributes.put("num_heads", HEADS);
    attributes.put("num_kv_heads", KV_HEADS);
    attributes.put("head_size", HEAD_SIZE);
    attributes.put("window", window);
    attributes.put("scale", 0f);
    attributes.put("soft_cap", 0f);
    return graph("PartialAttention", attributes, inputs, List.of("attention"));
  }

  OpGraph selectRows() throws OrtException {
    Map<String, Number> attributes = attributes(Map.of());
    attributes.remove("num_heads");
    attributes.remove("q_offset");
    attributes.put("check", 0);
    return graph(
        "SelectRows",
        attributes,
        List.of("k", "v", "positions", "row_offsets", "sequences", "keep_counts", "compare_keys"),
        List.of("kept_rows", "kept_positions", "kept_row_offsets", "scores"));
  }

  OpGraph lastRows() throws OrtException {
    return graph(
        "LastRows",
        layerAttributes(),
        List.of("positions", "row_offsets", "sequences", "query_counts"),
        List.of("query_rows", "query_positions", "query_row_offsets", "ends", "last_rows"));
  }

  Map<String, Object> step(
      float[][] q, float[][] k, float[][] v, long[] positions, long[] offsets, long... handles) {
    Map<String, Object> inputs = new LinkedHashMap<>();
    inputs.put("q", q);
    inputs.put("k", k);
    inputs.put("v", v);
    inputs.put("positions", positions);
    inputs.put("row_offsets", offsets);
    inputs.put("sequences", handles);
    inputs.put("cos", cos);
    inputs.put("sin", sin);
    inputs.put("step_positions", positions);
    inputs.put("step_row_offsets", offsets);
    return inputs;
  }

  float[][] attend(OpGraph attention, Object q, long[] positions, long[] offsets, long... handles)
      throws OrtException {
    return (float[][])
        attention
            .run(
                Map.of(
                    "q", q, "positions", positions, "row_offsets", offsets, "sequences", handles))
            .get("attention");
  }

  /** A chunk with these rows, captured by a sequence of its own. */
  NativeStoredKv collect(OpGraph kvInject, float[][] k, float[][] v) throws OrtException {
    NativeStoredKv chunk = pool.allocateChunk(k.length);
    try (NativeKvSequence sequence = pool.reserve(k.length)) {
      sequence.capture(chunk, 0);
      kvInject.run(
          step(
              queries(k.length),
              k,
              v,
              range(0, k.length),
              new long[] {0, k.length},
              sequence.handle()));
    }
    return chunk;
  }

  /** [heads * head size] of one row at a position. */
  double[] rotate(float[] row, int position) {
    double[] out = new double[row.length];
    int half = HEAD_SIZE / 2;
    for (int i = 0; i < row.length; i++) {
      int d = i % HEAD_SIZE;
      double c = cos[position][d % half];
      double s = sin[position][d % half];
      out[i] = d < half ? row[i] * c - row[i + half] * s : row[i] * c + row[i - half] * s;
    }
    return out;
  }

  /** Attention of an unrotated query at a position over the unrotated rows of all positions. */
  double[] attend(float[] q, int position, float[][] k, float[][] v, int window) {
    int first = window > 0 ? Math.max(0, position - window + 1) : 0;
    double[] query = rotate(q, position);
    double[] out = new double[q.length];
    for (int head = 0; head < HEADS; head++) {
      int kvBase = head / (HEADS / KV_HEADS) * HEAD_SIZE;
      int base = head * HEAD_SIZE;
      double total = 0;
      for (int p = first; p <= position; p++) {
        double[] key = rotate(k[p], p);
        double score = 0;
        for (int d = 0; d < HEAD_SIZE; d++) {
          score += query[base + d] * key[kvBase + d];
        }
        double weight = Math.exp(score / Math.sqrt(HEAD_SIZE));
        total += weight;
        for (int d = 0; d < HEAD_SIZE; d++) {
          out[base + d] += weight * v[p][kvBase + d];
        }
      }
      for (int d = 0; d < HEAD_SIZE; d++) {
        out[base + d] /= total;
      }
    }
    return out;
  }

  static long[] range(int from, int to) {
    return java.util.stream.LongStream.range(from, to).toArray();
  }

  @Override
  public void close() throws OrtException {
    for (OpGraph graph : graphs) {
      graph.close();
    }
    pool.close();
  }

  private static Map<String, Number> attributes(Map<String, ? extends Number> changes) {
    Map<String, Number> attributes = new LinkedHashMap<>();
    attributes.put("layer", 0);
    attributes.put("num_heads", HEADS);
    attributes.put("num_kv_heads", KV_HEADS);
    attributes.put("head_size", HEAD_SIZE);
    attributes.put("q_offset", 0);
    attributes.put("k_offset", 0);
    attributes.put("v_offset", 0);
    attributes.putAll(changes);
    return attributes;
  }

  private OpGraph graph(
      String op, Map<String, Number> attributes, List<String> inputs, List<String> outputs)
      throws OrtException {
    OpGraph graph = new OpGraph(op, attributes, inputs, outputs);
    graphs.add(graph);
    return graph;
  }
}
