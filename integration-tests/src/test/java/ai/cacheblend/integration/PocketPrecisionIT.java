package ai.cacheblend.integration;

import static org.assertj.core.api.Assertions.assertThat;

import ai.cacheblend.orchestrator.dataset.DatasetOptions;
import ai.cacheblend.orchestrator.dataset.Datasets;
import ai.cacheblend.orchestrator.dataset.PromptPart;
import ai.cacheblend.orchestrator.dataset.QualitySample;
import ai.cacheblend.proto.v1.Arm;
import ai.cacheblend.proto.v1.CacheBlend;
import ai.cacheblend.proto.v1.CheckRequest;
import ai.cacheblend.proto.v1.CheckResponse;
import ai.cacheblend.proto.v1.CheckStep;
import ai.cacheblend.proto.v1.CheckedChunk;
import ai.cacheblend.proto.v1.CollectRequest;
import ai.cacheblend.proto.v1.DescribeRequest;
import ai.cacheblend.proto.v1.DeviationSelector;
import ai.cacheblend.proto.v1.Segment;
import ai.cacheblend.proto.v1.TokenIdCodec;
import ai.cacheblend.proto.v1.WorkerGrpc.WorkerBlockingStub;
import com.google.common.collect.Sets;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.stream.IntStream;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.TestInstance;
import org.junit.jupiter.api.TestReporter;
import org.junit.jupiter.api.condition.EnabledIfEnvironmentVariable;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** 16-bit exports of the embedded model select the same rows as the fp32 export. */
@TestInstance(TestInstance.Lifecycle.PER_CLASS)
@EnabledIfEnvironmentVariable(
    named = "CACHEBLEND_TEST_DEVICE",
    matches = "cuda:.*",
    disabledReason = "bf16 and fp16 are computed on CUDA devices alone")
final class PocketPrecisionIT {
  private static final int PROMPTS = 20;
  private static final double RATIO = 0.15;
  private static final double OVERLAP = 0.98;

  @TempDir private static Path models;
  private final Map<String, RealWorker> workers = new ConcurrentHashMap<>();

  @BeforeAll
  void serveAll() {
    List.of("fp32", "bf16", "fp16").parallelStream()
        .forEach(dtype -> workers.put(dtype, serve(dtype)));
  }

  @AfterAll
  void stopAll() {
    workers.values().forEach(RealWorker::close);
  }

  private static RealWorker serve(String dtype) {
    Path model = models.resolve(dtype);
    Program.Outcome export =
        Program.run(
            Program.Main.WORKER,
            "export",
            "--checkpoint",
            Program.embeddedModel().toString(),
            "--out",
            model.toString(),
            "--dtype",
            dtype);
    assertThat(export.exitCode()).as(export.err()).isZero();
    return RealWorker.serve(model, "--chunk-memory", "1g");
  }

  @ParameterizedTest
  @ValueSource(strings = {"bf16", "fp16"})
  void sameRowsAreSelected(String dtype, TestReporter reporter) {
    List<Double> overlaps = new ArrayList<>();
    for (QualitySample sample :
        Datasets.load("pocketwiki", DatasetOptions.samples(PROMPTS), Map.of()).samples()) {
      Set<Integer> expected = chosenRows(workers.get("fp32").calls(), sample);
      Set<Integer> actual = chosenRows(workers.get(dtype).calls(), sample);
      assertThat(actual).hasSameSizeAs(expected).isNotEmpty();
      overlaps.add((double) Sets.intersection(actual, expected).size() / expected.size());
    }
    assertThat(overlaps).hasSize(PROMPTS);
    double mean = overlaps.stream().mapToDouble(overlap -> overlap).average().orElseThrow();
    double least = overlaps.stream().mapToDouble(overlap -> overlap).min().orElseThrow();
    reporter.publishEntry(
        dtype, String.format(Locale.ROOT, "overlap of chosen rows %.4f, least %.4f", mean, least));
    assertThat(mean).isGreaterThanOrEqualTo(OVERLAP);
  }

  /** Positions of the cached rows that are recomputed within the budget. */
  private static Set<Integer> chosenRows(WorkerBlockingStub calls, QualitySample sample) {
    List<Segment> segments = segments(calls, sample);
    var unused =
        calls.collect(
            CollectRequest.newBuilder()
                .addAllChunks(segments.stream().filter(Segment::getCached).toList())
                .build());
    CheckResponse check =
        calls.check(CheckRequest.newBuilder().addAllSegments(segments).setArm(arm()).build());
    Set<Integer> rows = new HashSet<>(check.getActivePositionsList());
    rows.retainAll(cachedRows(check));
    assertThat(rows).hasSize((int) Math.ceil(RATIO * check.getEligibleTokenCount()));
    return rows;
  }

  /** The last row of these prompts is not cached. */
  private static Set<Integer> cachedRows(CheckResponse check) {
    Set<Integer> rows = new HashSet<>();
    for (CheckedChunk chunk : check.getChunksList()) {
      int begin = chunk.getFirstPosition();
      IntStream.range(begin, begin + chunk.getTokenCount()).forEach(rows::add);
    }
    return rows;
  }

  private static List<Segment> segments(WorkerBlockingStub calls, QualitySample sample) {
    int bos = calls.describe(DescribeRequest.getDefaultInstance()).getModel().getBosTokenId();
    List<Segment> segments = new ArrayList<>();
    segments.add(Segment.newBuilder().setTokenIds(TokenIdCodec.encode(bos)).build());
    for (PromptPart part : sample.parts()) {
      segments.add(Segment.newBuilder().setText(part.text()).setCached(part.cached()).build());
    }
    return segments;
  }

  private static Arm arm() {
    DeviationSelector selector =
        DeviationSelector.newBuilder()
            .setTensor(DeviationSelector.Tensor.TENSOR_VALUE)
            .addSchedule(CheckStep.newBuilder().setLayer(1).setShare(RATIO))
            .build();
    return Arm.newBuilder().setCacheblend(CacheBlend.newBuilder().setDeviation(selector)).build();
  }
}
