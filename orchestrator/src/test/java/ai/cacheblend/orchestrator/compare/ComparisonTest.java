package ai.cacheblend.orchestrator.compare;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import ai.cacheblend.orchestrator.console.Columns;
import ai.cacheblend.orchestrator.console.CompareTable;
import ai.cacheblend.orchestrator.plan.PlanException;
import ai.cacheblend.orchestrator.records.ResultFolder;
import ai.cacheblend.orchestrator.testing.SampleRuns;
import ai.cacheblend.orchestrator.testing.TierSamples;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;
import java.util.stream.Stream;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** Runs of eight noisy trials (1 % within a prompt, 5 % a step between prompts) at two lengths. */
final class ComparisonTest {
  @TempDir Path folder;

  private Path a;
  private Path b;

  @BeforeEach
  void write() {
    a = folder.resolve("a");
    b = folder.resolve("b");
    SampleRuns.noisy(a, 1, 1, "p");
  }

  @Test
  void runDoesNotDifferFromItself() {
    Comparison comparison = Comparison.of(ResultFolder.read(a), ResultFolder.read(a), List.of());

    assertThat(comparison.pairs().get(0).changes()).isEmpty();
    // Three arms and two speed-ups, at two lengths each.
    assertThat(comparison.verdicts()).hasSize(10);
    assertThat(comparison.verdicts())
        .allSatisfy(
            verdict -> {
              assertThat(verdict.words()).isEqualTo("no difference resolved");
              assertThat(verdict.effect().change()).contains(0.0);
              assertThat(verdict.effect().pairCount()).isEqualTo(8);
            });
  }

  @Test
  void noiseIsNotResolved() {
    SampleRuns.noisy(b, 2, 1, "p");

    assertThat(compare().verdicts()).noneMatch(Verdict::resolved);
  }

  @Test
  void slowdownOfAllArmsKeepsTheSpeedUp() {
    SampleRuns.noisy(b, 2, 1.1, "p");

    List<Verdict> verdicts = compare().verdicts();
    assertThat(of(ComparedMeasure.TTFT, verdicts))
        .hasSize(6)
        .allSatisfy(
            verdict -> {
              assertThat(verdict.words()).isEqualTo("slower");
              assertThat(verdict.effect().change().orElseThrow()).isCloseTo(0.1, within(0.02));
              assertThat(verdict.effect().low95().orElseThrow()).isPositive();
            });
    assertThat(of(ComparedMeasure.SPEEDUP, verdicts))
        .hasSize(4)
        .allMatch(verdict -> verdict.words().equals("no difference resolved"));
  }

  @Test
  void slowdownOnABusyMachineIsUndecided() throws IOException {
    SampleRuns.noisy(b, 2, 1.5, "p");
    Condition slower = Condition.parse("ttft>+5%");
    Comparison idle = Comparison.of(ResultFolder.read(a), ResultFolder.read(b), List.of(slower));
    SampleRuns.edit(b.resolve("trials.jsonl"), "\"cpu_pressure\":null", "\"cpu_pressure\":0.9");
    Comparison busy = Comparison.of(ResultFolder.read(a), ResultFolder.read(b), List.of(slower));

    assertThat(idle.failedOnIdleMachines()).isTrue();
    assertThat(idle.pairs().get(0).busyMachines()).isEmpty();
    assertThat(busy.failed()).isTrue();
    assertThat(busy.failedOnIdleMachines()).isFalse();
    assertThat(busy.pairs().get(0).busyMachines())
        .containsExactly(
            "run B: the machine was busy in 16 of 16 blocks: tasks waited for a processor");
    assertThat(CompareTable.render(busy, Columns.STANDARD))
        .contains("UNDECIDED, a machine was busy")
        .doesNotContain("FAILED");
  }

  @Test
  void differentPromptsAreIndependentSamples() {
    SampleRuns.noisy(b, 2, 1.1, "q");

    List<Verdict> verdicts = of(ComparedMeasure.TTFT, compare().verdicts());
    // The variation between prompts does not cancel out and hides a difference of 10 %.
    assertThat(verdicts)
        .allSatisfy(
            verdict -> {
              assertThat(verdict.effect().pairCount()).isZero();
              assertThat(verdict.effect().low95().orElseThrow()).isNegative();
            });
    SampleRuns.noisy(b, 2, 3, "q");
    assertThat(of(ComparedMeasure.TTFT, compare().verdicts()))
        .allMatch(verdict -> verdict.words().equals("slower"));
  }

  @ParameterizedTest
  @CsvSource({
    "f00d, model fingerprint differs",
    "c0de, tokenizer differs",
    "da7a, data differs",
  })
  void incomparableRunsAreRejectedWithTheReason(String fact, String message) throws IOException {
    SampleRuns.noisy(b, 1, 1, "p");
    SampleRuns.edit(b.resolve("result.json"), "\"" + fact + "\"", "\"other\"");

    assertThatThrownBy(this::compare)
        .isInstanceOf(IncomparableException.class)
        .hasMessageContainingAll(message, fact, "other", a.toString(), b.toString());
  }

  @Test
  void otherMetricIsRejected() throws IOException {
    SampleRuns.small(a);
    SampleRuns.small(b);
    SampleRuns.edit(b.resolve("pocketwiki/result.json"), "word_f1_longbench", "rouge_l");
    SampleRuns.edit(b.resolve("pocketwiki/samples.jsonl"), "word_f1_longbench", "rouge_l");

    assertThatThrownBy(
            () ->
                Comparison.of(
                    ResultFolder.read(a.resolve("pocketwiki")),
                    ResultFolder.read(b.resolve("pocketwiki")),
                    List.of()))
        .isInstanceOf(IncomparableException.class)
        .hasMessageContaining("metric differs");
  }

  @Test
  void runsOfOtherKindsAreRejected() {
    SampleRuns.small(b);

    assertThatThrownBy(
            () ->
                Comparison.of(
                    ResultFolder.read(a), ResultFolder.read(b.resolve("pocketwiki")), List.of()))
        .isInstanceOf(IncomparableException.class)
        .hasMessageContaining("the first has ttft, the second quality on pocketwiki");
  }

  @Test
  void allowedDifferencesAreListed() throws IOException {
    SampleRuns.noisy(b, 1, 1, "p");
    SampleRuns.edit(b.resolve("result.json"), "\"Some GPU\"", "\"Other GPU\"");
    SampleRuns.edit(b.resolve("result.json"), "\"seed\" : 7", "\"seed\" : 8");
    SampleRuns.edit(b.resolve("result.json"), "gpu1:50051", "gpu2:50051");

    assertThat(compare().pairs().get(0).changes())
        .containsExactly(
            new FactChange("plan / seed", "7", "8"),
            new FactChange("environment / workers 1 / device name", "Some GPU", "Other GPU"));
  }

  @ParameterizedTest
  @CsvSource({
    "'\"code_sha256\" : \"c0de5\"', environment / workers 1 / code sha256",
    "'\"native_library_sha256\" : \"11b\"', environment / workers 1 / native library sha256",
    "'\"cuda_kernels\" : true', environment / workers 1 / cuda kernels",
    "'\"commit\" : \"c0ffee\"', environment / workers 1 / git / commit",
    "'\"launch_options\" : [ \"--threads=2\" ]', environment / workers 1 / launch options",
    "'\"revision\" : \"5eed\"', environment / workers 1 / model / revision",
  })
  void twoBuildsOrLaunchesOfOneVersionAreTold(String field, String name) throws IOException {
    SampleRuns.noisy(b, 1, 1, "p");
    String other = field.replaceAll("\"[^\"]*\"( ])?$|true$", "\"other\"$1");
    SampleRuns.edit(b.resolve("result.json"), field, other);

    Comparison comparison = compare();
    assertThat(comparison.pairs().get(0).changes()).extracting(FactChange::name).contains(name);
    assertThat(CompareTable.render(comparison, Columns.STANDARD))
        .doesNotContain("builds are the same");
  }

  /** As in records of earlier versions, and of workers that report no build. */
  @ParameterizedTest
  @CsvSource({"code_sha256, c0de5", "native_library_sha256, 11b"})
  void buildsThatNoRunIdentifiesAreNotTheSame(String field, String value) throws IOException {
    SampleRuns.noisy(b, 1, 1, "p");
    for (Path run : List.of(a, b)) {
      SampleRuns.edit(
          run.resolve("result.json"),
          "\"%s\" : \"%s\"".formatted(field, value),
          "\"%s\" : \"\"".formatted(field));
    }

    Comparison comparison = compare();
    assertThat(comparison.pairs().get(0).changes())
        .contains(new FactChange("environment/workers/0/" + field, "unknown", "unknown"));
    assertThat(CompareTable.render(comparison, Columns.STANDARD))
        .doesNotContain("builds are the same");
  }

  @Test
  void oneBuildIsTheSame() {
    SampleRuns.noisy(b, 1, 1, "p");

    assertThat(CompareTable.render(compare(), Columns.STANDARD)).contains("builds are the same");
  }

  @Test
  void cellsOfOnlyOneRunAreListed() throws IOException {
    SampleRuns.noisy(b, 1, 1, "p");
    SampleRuns.edit(b.resolve("result.json"), "\"name\" : \"cacheblend\"", "\"name\" : \"other\"");
    SampleRuns.edit(b.resolve("trials.jsonl"), "\"arm\":\"cacheblend\"", "\"arm\":\"other\"");

    assertThat(compare().pairs().get(0).onlyA())
        .contains("ttft of cacheblend at 64", "speedup of cacheblend at 128");
  }

  @ParameterizedTest
  @CsvSource({
    "ttft>+5%, true",
    "ttft of cacheblend at 128>+5%, true",
    // The whole interval is above 5 %, but only a part of it above 10 %.
    "ttft>+10%, false",
    "ttft<-5%, false",
    "speedup<-5%, false",
    "speedup of cacheblend>+5%, false",
  })
  void conditionsGoByTheWholeInterval(String condition, boolean failed) {
    SampleRuns.noisy(b, 2, 1.1, "p");

    assertThat(compare(condition).failed()).isEqualTo(failed);
  }

  @Test
  void conditionWithoutMatchingCellsIsAUsageError() {
    SampleRuns.noisy(b, 2, 1, "p");

    assertThatThrownBy(() -> compare("ttft of cacheblend@0.5>+5%"))
        .isInstanceOf(PlanException.class)
        .hasMessageContaining("matches nothing that both runs have");
  }

  @Test
  void runsOfEqualChunkSizesAreCompared() throws IOException {
    a = folder.resolve("before");
    b = folder.resolve("after");
    sizes(a, 1, 1);
    sizes(b, 2, 1.1);

    Comparison comparison =
        compare("ttft in chunks of 256>+5%", "ttft of cacheblend at 64 in chunks of 512>+5%");

    assertThat(comparison.pairs()).hasSize(2);
    assertThat(comparison.failures().values())
        .extracting(failing -> failing.stream().map(e -> e.cell().words()).sorted().toList())
        .satisfiesExactly(
            first ->
                assertThat(first)
                    .hasSize(6)
                    .contains("ttft of cacheblend at 64 in chunks of 256")
                    .allMatch(words -> words.endsWith(" in chunks of 256")),
            second -> assertThat(second).isEmpty());
  }

  @Test
  void runIsComparedWithThePartOfItsChunkSize() throws IOException {
    a = folder.resolve("before");
    sizes(a, 1, 1);
    SampleRuns.noisy(b, 2, 1, "p512");

    assertThat(compare().pairs())
        .extracting(pair -> pair.a().header().folder().getFileName().toString())
        .containsExactly("chunks-512");
  }

  @Test
  void sweepWithOneChunkSizeIsNamedByIt() {
    a = folder.resolve("sweep");
    SampleRuns.sweep(a);

    assertThat(
            Comparison.of(
                    ResultFolder.read(a),
                    ResultFolder.read(a),
                    List.of(Condition.parse("ttft in chunks of 512>+5%")))
                .failed())
        .isFalse();
  }

  @Test
  void tiersOfSweepsAreComparedEachWithItsOwn() {
    a = folder.resolve("tiers");
    TierSamples.write(a);
    b = a;
    Comparison comparison = compare("ttft of cacheblend@0.3 from host@2MB/s>+5%");

    assertThat(comparison.failed()).isFalse();
    // TTFT of 4 arms and 3 speed-ups on the device, TTFT of 3 arms from each tier.
    assertThat(comparison.verdicts()).hasSize(7 + 3 + 3);
    assertThat(comparison.verdicts())
        .allMatch(verdict -> verdict.effect().change().equals(Optional.of(0.0)))
        .extracting(verdict -> verdict.effect().cell().words())
        .contains(
            "speedup of full_kv_reuse at 64 in chunks of 16 from device",
            "ttft of full_kv_reuse at 64 in chunks of 16 from host@2MB/s");
    String table = CompareTable.render(comparison, Columns.STANDARD);
    assertThat(table.lines())
        .contains("ttft from device", "ttft from host", "ttft from host@2MB/s")
        .filteredOn(line -> !line.startsWith("A: "))
        .allMatch(line -> line.length() <= 80);
    assertThat(ComparisonFile.of(comparison).at("/cells/0/tier").asText()).isEqualTo("device");
  }

  @Test
  void runsWithoutAMatchAreNamed() throws IOException {
    a = folder.resolve("tiers");
    TierSamples.write(a);
    TierSamples.write(b);
    for (Path part : ResultFolder.read(b).stream().map(run -> run.header().folder()).toList()) {
      Path result = part.resolve("result.json");
      if (Files.readString(result).contains("\"throttle\" : 2000000")) {
        Files.writeString(
            result,
            Files.readString(result).replace("\"throttle\" : 2000000", "\"throttle\" : 3000000"));
      }
    }
    Comparison comparison = compare();

    assertThat(comparison.onlyA()).containsExactly("ttft in chunks of 16 from host@2MB/s");
    assertThat(comparison.onlyB()).containsExactly("ttft in chunks of 16 from host@3MB/s");
    assertThat(comparison.verdicts()).hasSize(7 + 3);
    assertThat(CompareTable.render(comparison, Columns.STANDARD))
        .contains("Not compared, only in A: ttft in chunks of 16 from host@2MB/s");
    assertThat(ComparisonFile.of(comparison).at("/only_b/0").asText()).contains("host@3MB/s");
  }

  @Test
  void tierWithoutAMatchIsRefusedInAConditionByName() {
    a = folder.resolve("tiers");
    TierSamples.write(a);
    b = a;

    assertThatThrownBy(() -> compare("ttft from disk>+5%"))
        .isInstanceOf(PlanException.class)
        .hasMessageContaining("matches nothing that both runs have");
  }

  /** Chunks of 256 tokens are slower by {@code slowdown}. */
  private static void sizes(Path folder, long seed, double slowdown) throws IOException {
    SampleRuns.noisy(folder.resolve("chunks-256"), seed, slowdown, "p256");
    SampleRuns.edit(
        folder.resolve("chunks-256/result.json"),
        "\"chunk_tokens\" : 512",
        "\"chunk_tokens\" : 256");
    SampleRuns.noisy(folder.resolve("chunks-512"), seed, 1, "p512");
  }

  private Comparison compare(String... conditions) {
    return Comparison.of(
        ResultFolder.read(a),
        ResultFolder.read(b),
        Stream.of(conditions).map(Condition::parse).toList());
  }

  private static List<Verdict> of(ComparedMeasure measure, List<Verdict> verdicts) {
    return verdicts.stream()
        .filter(verdict -> verdict.effect().cell().measure() == measure)
        .toList();
  }
}
