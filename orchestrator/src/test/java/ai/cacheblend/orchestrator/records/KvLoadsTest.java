package ai.cacheblend.orchestrator.records;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import ai.cacheblend.orchestrator.client.GenerateResult;
import ai.cacheblend.orchestrator.client.LoadReport;
import ai.cacheblend.orchestrator.console.Columns;
import ai.cacheblend.orchestrator.console.KvLoadTable;
import ai.cacheblend.orchestrator.testing.Samples;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalDouble;
import java.util.OptionalLong;
import org.junit.jupiter.api.Test;

final class KvLoadsTest {
  private static final long MILLI = 1_000_000;
  private static final ArmRun RUN =
      Samples.trials().stream()
          .filter(Trial::measured)
          .flatMap(trial -> trial.armRuns().stream())
          .filter(run -> run.answer().isPresent())
          .findFirst()
          .orElseThrow();

  private static final GenerateResult ANSWER = RUN.answer().orElseThrow();

  @Test
  void runsWithoutTiersHaveNoLoads() {
    KvLoads loads = KvLoads.of(Samples.trials());

    assertThat(loads.rows()).isEmpty();
    assertThat(KvLoadTable.render(loads, Columns.STANDARD)).isEmpty();
  }

  @Test
  void mediansOfTheMeasuredTrials() {
    long ttft = ANSWER.workerDurations().ttftNanos();
    KvLoads loads =
        KvLoads.of(
            List.of(
                trial(Phase.WARMUP, load(9 * ttft, 1)),
                trial(Phase.MEASURED, load(ttft + ttft / 10, 8 * MILLI, 0)),
                trial(Phase.MEASURED, load(ttft, 4 * MILLI, 3, 4)),
                trial(Phase.MEASURED, load(ttft - ttft / 5, 2 * MILLI, 3))));

    assertThat(loads.rows()).hasSize(1);
    KvLoads.Row row = loads.rows().get(0);
    assertThat(row.n()).isEqualTo(3);
    assertThat(row.predictedSeconds()).hasValue(ttft / 1e9);
    assertThat(row.error().getAsDouble()).isCloseTo(.1, within(1e-6));
    assertThat(row.hidden()).hasValue(.75); // 1 ms waited
    assertThat(row.computedChunks()).isEqualTo(1);
    String table = KvLoadTable.render(loads, Columns.STANDARD);
    assertThat(table.lines()).allMatch(line -> line.length() <= 80);
    assertThat(table).containsPattern("10 % +75 % +1 +0.300");
  }

  @Test
  void recordsKeepTheLoad() {
    GenerateResult answer = with(load(70 * MILLI, 40 * MILLI, 2, 5));
    ObjectNode json = Json.object();
    AnswerJson.write(json, answer);

    assertThat(json.at("/load/hidden_share").doubleValue()).isEqualTo(.975);
    assertThat(AnswerJson.read(new JsonValue("answer", json)).load()).isEqualTo(answer.load());
    ObjectNode none = Json.object();
    AnswerJson.write(none, with(LoadReport.NONE));
    assertThat(none.has("load")).isFalse();
    assertThat(AnswerJson.read(new JsonValue("answer", none)).load()).isEqualTo(LoadReport.NONE);
  }

  private static LoadReport load(long predictedNanos, long loadNanos, Integer... computed) {
    return new LoadReport(
        List.of(computed),
        OptionalDouble.of(.3),
        OptionalLong.of(predictedNanos),
        OptionalLong.of(0),
        loadNanos);
  }

  private static Trial trial(Phase phase, LoadReport load) {
    Trial sample = Samples.trials().get(0);
    ArmRun run =
        new ArmRun(
            RUN.arm(),
            0,
            RUN.startedAt(),
            RUN.expectedRows(),
            Optional.of(with(load)),
            Optional.empty(),
            Optional.empty());
    return new Trial(
        phase,
        64,
        0,
        sample.origin(),
        sample.promptHash(),
        Optional.empty(),
        List.of(run),
        false,
        sample.device(),
        sample.load());
  }

  private static GenerateResult with(LoadReport load) {
    return new GenerateResult(
        ANSWER.tokenIds(),
        "",
        ANSWER.reason(),
        ANSWER.newTokenCount(),
        ANSWER.rows(),
        ANSWER.workerDurations(),
        ANSWER.times(),
        ANSWER.logprobs(),
        ANSWER.firstTopLogits(),
        ANSWER.activePositions(),
        ANSWER.layerScores(),
        Map.of("host", 40),
        load);
  }
}
