package ai.cacheblend.worker.export.lowering;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import ai.cacheblend.worker.TestDevice;
import ai.cacheblend.worker.export.CheckpointFixture;
import ai.cacheblend.worker.export.ExportProgress;
import ai.cacheblend.worker.export.ExportRequest;
import ai.cacheblend.worker.export.Exporter;
import ai.cacheblend.worker.kv.KvShape;
import ai.cacheblend.worker.kv.NativeKvPool;
import ai.cacheblend.worker.kv.NativeKvSequence;
import ai.cacheblend.worker.kv.NativeLibrary;
import ai.cacheblend.worker.model.ModelManifest;
import ai.onnxruntime.OnnxTensor;
import ai.onnxruntime.OrtEnvironment;
import ai.onnxruntime.OrtException;
import ai.onnxruntime.OrtSession;
import java.io.IOException;
import java.nio.LongBuffer;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.stream.LongStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Exported graphs on ONNX Runtime with the real ops; which numbers are right is for others. */
final class GraphRunTest {

  private static final long[] TOKENS = {1, 17, 5, 9, 30, 22, 8, 8, 3, 14, 27, 6, 19};

  @TempDir Path folder;

  private final OrtEnvironment environment = OrtEnvironment.getEnvironment();

  @SuppressWarnings("ArrayRecordComponent")
  private record Output(float[][] logits, long[] next, long[] active) {}

  private static OrtSession.SessionOptions options(Path model) throws OrtException {
    OrtSession.SessionOptions options = new OrtSession.SessionOptions();
    TestDevice.configure(options);
    options.registerCustomOpLibrary(NativeLibrary.path().toString());
    options.addConfigEntry(
        "session.model_external_initializers_file_folder_path", model.toString());
    return options;
  }

  private Output run(
      OrtSession session,
      int checkLayerCount,
      long[] tokens,
      long[] positions,
      long[] offsets,
      long... handles)
      throws OrtException {
    long[] keep =
        LongStream.generate(() -> -1).limit((long) checkLayerCount * handles.length).toArray();
    try (OnnxTensor tokenIds = tensor(tokens);
        OnnxTensor at = tensor(positions);
        OnnxTensor rowOffsets = tensor(offsets);
        OnnxTensor sequences = tensor(handles);
        OnnxTensor keepCounts = tensor(keep, checkLayerCount, handles.length);
        OnnxTensor compareKeys = tensor(new long[handles.length]);
        OnnxTensor weighByAttention = tensor(new long[handles.length]);
        OnnxTensor choices = tensor(allRows(handles.length), 4, handles.length);
        OnnxTensor probeLayers =
            tensor(
                new long[CheckpointFixture.LAYERS * handles.length],
                CheckpointFixture.LAYERS,
                handles.length);
        OnnxTensor queryCounts =
            tensor(LongStream.generate(() -> 1).limit(handles.length).toArray());
        OnnxTensor stepTokens = tensor(new long[2]);
        OrtSession.Result result =
            session.run(
                Map.ofEntries(
                    Map.entry("token_ids", tokenIds),
                    Map.entry("positions", at),
                    Map.entry("row_offsets", rowOffsets),
                    Map.entry("step_positions", at),
                    Map.entry("step_row_offsets", rowOffsets),
                    Map.entry("sequences", sequences),
                    Map.entry("keep_counts", keepCounts),
                    Map.entry("compare_keys", compareKeys),
                    Map.entry("weigh_by_attention", weighByAttention),
                    Map.entry("choices", choices),
                    Map.entry("probe_layers", probeLayers),
                    Map.entry("query_counts", queryCounts),
                    Map.entry("step_tokens", stepTokens)))) {
      return new Output(
          (float[][]) result.get("logits").orElseThrow().getValue(),
          (long[]) result.get("next_token_ids").orElseThrow().getValue(),
          (long[]) result.get("active_positions").orElseThrow().getValue());
    }
  }

  /** [4, sequences]: a count of −1 keeps all rows. */
  private static long[] allRows(int sequenceCount) {
    long[] choices = new long[4 * sequenceCount];
    Arrays.fill(choices, 0, sequenceCount, -1);
    return choices;
  }

  private OnnxTensor tensor(long[] values, long... shape) throws OrtException {
    long[] dimensions = shape.length == 0 ? new long[] {values.length} : shape;
    return OnnxTensor.createTensor(environment, LongBuffer.wrap(values), dimensions);
  }

  private static long[] range(int from, int to) {
    return LongStream.range(from, to).toArray();
  }

  private static void assertClose(float[] actual, float[] expected) {
    for (int i = 0; i < expected.length; i++) {
      assertThat(actual[i]).isCloseTo(expected[i], within(1e-4f * (1 + Math.abs(expected[i]))));
    }
  }

  @Test
  void prefillStepsPackingAndCheckLayersAgree() throws IOException, OrtException {
    int index = 0;
    for (CheckpointFixture fixture : CheckpointFixture.all()) {
      Path checkpoint = fixture.write(folder.resolve("checkpoint" + index));
      Path model = folder.resolve("model" + index++);
      ModelManifest manifest =
          new Exporter(ExportProgress.NONE).export(ExportRequest.of(checkpoint, model));
      try (OrtSession.SessionOptions options = options(model);
          NativeKvPool pool = pool(manifest);
          OrtSession session =
              environment.createSession(model.resolve("model.onnx").toString(), options)) {
        float[] logits = prefill(session, 1, pool);
        assertThat(logits).hasSize(CheckpointFixture.VOCABULARY);
        assertClose(stepByStep(session, pool), logits);
        assertPackedLike(logits, session, pool);
        for (List<Integer> layers : List.of(List.of(2), List.of(1, 2))) {
          byte[] graph = GraphBuilder.build(manifest, layers).toByteArray();
          try (OrtSession other = environment.createSession(graph, options)) {
            assertClose(prefill(other, layers.size(), pool), logits);
          }
        }
      }
    }
  }

  private static NativeKvPool pool(ModelManifest manifest) {
    return NativeKvPool.create(
        TestDevice.kvStorage(),
        new KvShape(
            manifest.config().layerCount(),
            manifest.config().attention().kvHeadCount(),
            manifest.config().attention().headSize()),
        8);
  }

  private float[] prefill(OrtSession session, int checkLayerCount, NativeKvPool pool)
      throws OrtException {
    int count = TOKENS.length;
    try (NativeKvSequence sequence = pool.reserve(count)) {
      Output output =
          run(
              session,
              checkLayerCount,
              TOKENS,
              range(0, count),
              new long[] {0, count},
              sequence.handle());
      assertThat(output.active()).isEqualTo(range(0, count));
      assertThat(output.next()[0]).isEqualTo(indexOfMax(output.logits()[0]));
      return output.logits()[0];
    }
  }

  private static long indexOfMax(float[] values) {
    int best = 0;
    for (int i = 1; i < values.length; i++) {
      best = values[i] > values[best] ? i : best;
    }
    return best;
  }

  private float[] stepByStep(OrtSession session, NativeKvPool pool) throws OrtException {
    try (NativeKvSequence sequence = pool.reserve(TOKENS.length)) {
      float[] logits = {};
      for (int i = 0; i < TOKENS.length; i++) {
        long[] token = {TOKENS[i]};
        logits =
            run(session, 1, token, range(i, i + 1), new long[] {0, 1}, sequence.handle())
                .logits()[0];
      }
      return logits;
    }
  }

  /** The same prompt behind the first four of its tokens, as two sequences of one step. */
  private void assertPackedLike(float[] expected, OrtSession session, NativeKvPool pool)
      throws OrtException {
    int count = TOKENS.length;
    long[] tokens =
        LongStream.concat(LongStream.of(TOKENS).limit(4), LongStream.of(TOKENS)).toArray();
    long[] positions =
        LongStream.concat(LongStream.range(0, 4), LongStream.range(0, count)).toArray();
    try (NativeKvSequence first = pool.reserve(4);
        NativeKvSequence second = pool.reserve(count)) {
      Output output =
          run(
              session,
              1,
              tokens,
              positions,
              new long[] {0, 4, 4 + count},
              first.handle(),
              second.handle());
      assertClose(output.logits()[1], expected);
      assertThat(output.logits()[0]).isNotEqualTo(expected);
    }
  }
}
