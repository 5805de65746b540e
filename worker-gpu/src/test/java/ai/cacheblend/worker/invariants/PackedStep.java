package ai.cacheblend.worker.invariants;

import ai.cacheblend.worker.TestDevice;
import ai.cacheblend.worker.blend.Arm;
import ai.cacheblend.worker.blend.PromptLayout;
import ai.cacheblend.worker.blend.RowPlan;
import ai.cacheblend.worker.blend.RowPlanner;
import ai.cacheblend.worker.blend.Selector;
import ai.cacheblend.worker.engine.Prompt;
import ai.cacheblend.worker.invariants.Prompts.PlacedChunk;
import ai.cacheblend.worker.kv.NativeKvSequence;
import ai.cacheblend.worker.kv.NativeLibrary;
import ai.onnxruntime.OnnxTensor;
import ai.onnxruntime.OrtEnvironment;
import ai.onnxruntime.OrtException;
import ai.onnxruntime.OrtSession;
import com.google.common.primitives.ImmutableDoubleArray;
import com.google.common.primitives.ImmutableIntArray;
import com.google.common.primitives.Longs;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.stream.IntStream;
import java.util.stream.LongStream;

/** The first steps of several prompts as one run of the graph. */
final class PackedStep {
  record Request(Prompt prompt, Arm arm) {}

  /** Of one of them. */
  record Result(ImmutableDoubleArray logits, List<Integer> activeRows, KvImage kv) {}

  private final SmallModel model;
  private final TestWorker worker;
  private final RowPlanner planner = new RowPlanner(SmallModel.CHECK_LAYERS);
  private final List<Long> tokenIds = new ArrayList<>();
  private final List<Long> positions = new ArrayList<>();
  private final List<Long> rowOffsets = new ArrayList<>(List.of(0L));
  private final List<NativeKvSequence> sequences = new ArrayList<>();

  PackedStep(SmallModel model, TestWorker worker) {
    this.model = model;
    this.worker = worker;
  }

  List<Result> run(List<Request> requests) throws OrtException {
    try {
      long[][] keepCounts = new long[SmallModel.CHECK_LAYERS.size()][requests.size()];
      long[] compareKeys = new long[requests.size()];
      for (int s = 0; s < requests.size(); s++) {
        RowPlan plan = add(requests.get(s));
        for (int check = 0; check < keepCounts.length; check++) {
          keepCounts[check][s] = plan.keepCounts().get(check);
        }
        compareKeys[s] = plan.tensor() == Selector.Tensor.KEY ? 1 : 0;
      }
      Map<String, Object> inputs = new LinkedHashMap<>();
      inputs.put("token_ids", Longs.toArray(tokenIds));
      inputs.put("positions", Longs.toArray(positions));
      inputs.put("row_offsets", Longs.toArray(rowOffsets));
      inputs.put("step_positions", inputs.get("positions"));
      inputs.put("step_row_offsets", inputs.get("row_offsets"));
      inputs.put("sequences", sequences.stream().mapToLong(NativeKvSequence::handle).toArray());
      inputs.put("keep_counts", keepCounts);
      inputs.put("compare_keys", compareKeys);
      inputs.put("last_row_offsets", LongStream.rangeClosed(0, requests.size()).toArray());
      return results(requests, runGraph(inputs));
    } finally {
      sequences.forEach(NativeKvSequence::close);
    }
  }

  private RowPlan add(Request request) {
    ImmutableIntArray ids = Prompts.tokenIds(request.prompt());
    List<PlacedChunk> chunks = Prompts.chunks(request.prompt());
    NativeKvSequence sequence = worker.memory().pool().reserve(ids.length());
    sequences.add(sequence);
    if (request.arm().readsChunks()) {
      chunks.forEach(chunk -> sequence.inject(worker.stored(chunk.tokenIds()), chunk.from()));
    }
    PromptLayout layout =
        new PromptLayout(
            ids.length(),
            chunks.stream().map(c -> new PromptLayout.Span(c.from(), c.to())).toList());
    RowPlan plan = planner.plan(layout, request.arm());
    for (int position : firstPositions(plan)) {
      tokenIds.add((long) ids.get(position));
      positions.add((long) position);
    }
    rowOffsets.add((long) positions.size());
    return plan;
  }

  private static int[] firstPositions(RowPlan plan) {
    return plan.chosenPositions()
        .map(ImmutableIntArray::toArray)
        .orElseGet(() -> IntStream.range(0, plan.promptRowCount()).toArray());
  }

  private Map<String, Object> runGraph(Map<String, Object> inputs) throws OrtException {
    OrtEnvironment environment = OrtEnvironment.getEnvironment();
    Map<String, OnnxTensor> tensors = new LinkedHashMap<>();
    try (OrtSession.SessionOptions options = new OrtSession.SessionOptions()) {
      TestDevice.configure(options);
      options.registerCustomOpLibrary(NativeLibrary.path().toString());
      for (Map.Entry<String, Object> input : inputs.entrySet()) {
        tensors.put(input.getKey(), OnnxTensor.createTensor(environment, input.getValue()));
      }
      try (OrtSession session = environment.createSession(model.graph().toString(), options);
          OrtSession.Result result = session.run(tensors)) {
        Map<String, Object> outputs = new LinkedHashMap<>();
        for (var output : result) {
          outputs.put(output.getKey(), output.getValue().getValue());
        }
        return outputs;
      }
    } finally {
      tensors.values().forEach(OnnxTensor::close);
    }
  }

  private List<Result> results(List<Request> requests, Map<String, Object> outputs) {
    float[][] logits = (float[][]) outputs.get("logits");
    long[] active = (long[]) outputs.get("active_positions");
    long[] offsets = (long[]) outputs.get("active_row_offsets");
    List<Result> results = new ArrayList<>();
    for (int s = 0; s < requests.size(); s++) {
      List<Integer> rows = new ArrayList<>();
      for (int i = (int) offsets[s]; i < offsets[s + 1]; i++) {
        rows.add((int) active[i]);
      }
      ImmutableDoubleArray.Builder row = ImmutableDoubleArray.builder();
      for (float logit : logits[s]) {
        row.add(logit);
      }
      int end = Prompts.tokenIds(requests.get(s).prompt()).length();
      results.add(new Result(row.build(), rows, new KvImage(sequences.get(s), end)));
    }
    return results;
  }
}
