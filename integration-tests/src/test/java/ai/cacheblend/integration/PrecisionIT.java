package ai.cacheblend.integration;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import ai.cacheblend.integration.Answers.Answer;
import com.fasterxml.jackson.databind.JsonNode;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.DynamicTest;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestFactory;
import org.junit.jupiter.api.TestInstance;
import org.junit.jupiter.api.TestReporter;
import org.junit.jupiter.api.condition.EnabledIfEnvironmentVariable;
import org.junit.jupiter.api.io.TempDir;

/** 16-bit exports are as close to the reference as plain 16-bit runs in PyTorch. */
@TestInstance(TestInstance.Lifecycle.PER_CLASS)
@EnabledIfEnvironmentVariable(
    named = "CACHEBLEND_TEST_DEVICE",
    matches = "cuda:.*",
    disabledReason = "bf16 and fp16 are computed on CUDA devices alone")
final class PrecisionIT {
  private static final List<String> DTYPES = List.of("bf16", "fp16");

  /** 16-bit attention supports head sizes that are multiples of 8. */
  private static final List<String> UNSUPPORTED =
      List.of(
          "mistral-window-tiny",
          "llama3-rope-tiny",
          "linear-rope-tiny",
          "dynamic-rope-tiny",
          "phi3-tiny",
          "qwen2-window-tiny");

  private static final List<String> SUPPORTED =
      Golden.NAMES.stream().filter(name -> !UNSUPPORTED.contains(name)).toList();

  /** Requests that share steps. */
  private static final int NEIGHBOURS = 8;

  /** Times the error of the plain run. */
  private static final double TOLERANCE = 2;

  @TempDir private static Path models;
  private final Map<String, RealWorker> workers = new ConcurrentHashMap<>();

  @BeforeAll
  void serveAll() {
    exports().toList().parallelStream().forEach(export -> workers.put(export.id(), serve(export)));
  }

  @AfterAll
  void stopAll() {
    workers.values().forEach(RealWorker::close);
  }

  private record Export(String name, String dtype) {
    String id() {
      return name + " " + dtype;
    }

    /** The error of the plain run in this type. */
    JsonNode plainError(String kind) {
      return Golden.read(name, "low_precision.json").get(dtype).get(kind);
    }
  }

  private static RealWorker serve(Export export) {
    Path model = models.resolve(export.id().replace(' ', '-'));
    Program.Outcome outcome =
        Program.run(
            Program.Main.WORKER,
            "export",
            "--checkpoint",
            Golden.folder(export.name()).toString(),
            "--out",
            model.toString(),
            "--dtype",
            export.dtype(),
            "--check-layers",
            "1,2,3");
    assertThat(outcome.exitCode()).as(outcome.err()).isZero();
    return RealWorker.serve(model, "--threads", "1", "--kv-memory", "64m", "--chunk-memory", "64m");
  }

  @TestFactory
  Stream<DynamicTest> fullPrefillIsAsCloseAsThePlainRun(TestReporter reporter) {
    return each(
        exports(),
        export -> {
          LogprobErrors errors = new LogprobErrors();
          for (GoldenCase expected : GoldenCase.fullPrefills(export.name())) {
            errors.add(answer(export, expected), expected);
          }
          reporter.publishEntry(export.id() + " full prefill", errors.toString());
          assertAsCloseAs(export.plainError("full_prefill"), errors);
        });
  }

  @TestFactory
  Stream<DynamicTest> blendingIsAsCloseAsThePlainRun(TestReporter reporter) {
    return each(
        exports(),
        export -> {
          LogprobErrors errors = new LogprobErrors();
          List<GoldenCase> cases = GoldenCase.blends(export.name());
          int otherRows = 0;
          for (GoldenCase expected : cases) {
            Answer answer = answer(export, expected);
            List<Integer> rows = answer.finished().getActivePositionsList();
            assertThat(rows).hasSameSizeAs(expected.positions());
            // Other rows give another answer, unless all compared rows are equal.
            if (rows.equals(expected.positions()) || expected.equalRows()) {
              errors.add(answer, expected);
            } else {
              otherRows++;
            }
          }
          reporter.publishEntry(
              export.id() + " blend",
              "%s, other rows in %d of %d cases".formatted(errors, otherRows, cases.size()));
          assertAsCloseAs(export.plainError("blend"), errors);
        });
  }

  /** Other requests change the kernels of a step, and so the last bits of its sums. */
  @TestFactory
  Stream<DynamicTest> answersBesideOthersAreAsCloseAsThePlainRun(TestReporter reporter) {
    return each(
        exports(),
        export -> {
          List<GoldenCase> cases = GoldenCase.blends(export.name());
          List<Answer> alone = cases.stream().map(each -> answer(export, each)).toList();
          List<Answer> beside = answersTogether(export, cases);
          LogprobErrors errors = new LogprobErrors();
          int otherTokens = 0;
          int otherRows = 0;
          for (int i = 0; i < cases.size(); i++) {
            GoldenCase expected = cases.get(i);
            List<Integer> rows = beside.get(i).finished().getActivePositionsList();
            otherTokens += beside.get(i).tokenIds().equals(alone.get(i).tokenIds()) ? 0 : 1;
            otherRows += rows.equals(alone.get(i).finished().getActivePositionsList()) ? 0 : 1;
            if (rows.equals(expected.positions()) || expected.equalRows()) {
              errors.add(beside.get(i), expected);
            }
          }
          reporter.publishEntry(
              export.id() + " beside other requests",
              "%s, other tokens than alone in %d and other rows in %d of %d answers"
                  .formatted(errors, otherTokens, otherRows, cases.size()));
          assertAsCloseAs(export.plainError("blend"), errors);
        });
  }

  /** The answers of all cases, several requests at a time. */
  private List<Answer> answersTogether(Export export, List<GoldenCase> cases) {
    ExecutorService threads = Executors.newFixedThreadPool(NEIGHBOURS);
    try {
      List<CompletableFuture<Answer>> answers =
          cases.stream()
              .map(each -> CompletableFuture.supplyAsync(() -> answer(export, each), threads))
              .toList();
      return answers.stream().map(CompletableFuture::join).toList();
    } finally {
      threads.shutdownNow();
    }
  }

  @Test
  void unsupportedHeadSizesAreRejected() {
    for (String name : UNSUPPORTED) {
      assertThatThrownBy(() -> serve(new Export(name, "bf16")).close())
          .hasMessageContaining("head_size")
          .hasMessageContaining("multiples of 8");
    }
  }

  private interface Check {
    void that(Export export);
  }

  private static Stream<Export> exports() {
    return SUPPORTED.stream()
        .flatMap(name -> DTYPES.stream().map(dtype -> new Export(name, dtype)));
  }

  private static Stream<DynamicTest> each(Stream<Export> exports, Check check) {
    return exports.map(export -> DynamicTest.dynamicTest(export.id(), () -> check.that(export)));
  }

  private Answer answer(Export export, GoldenCase expected) {
    return Answers.collectAndGenerate(
        workers.get(export.id()).calls(),
        expected.segments(),
        expected.arm(),
        expected.tokenIds().size());
  }

  private static void assertAsCloseAs(JsonNode plain, LogprobErrors errors) {
    assertThat(errors.count()).isGreaterThanOrEqualTo(plain.get("values").asInt() / 2);
    assertThat(errors.max()).isLessThanOrEqualTo(TOLERANCE * plain.get("max").asDouble());
    assertThat(errors.rms()).isLessThanOrEqualTo(TOLERANCE * plain.get("rms").asDouble());
    // Two tokens can swap only if both errors together exceed their distance.
    assertThat(errors.largestPreference()).isLessThanOrEqualTo(2 * errors.max());
  }
}
