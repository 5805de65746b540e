package ai.cacheblend.orchestrator.compare;

import ai.cacheblend.orchestrator.records.ArmFacts;
import ai.cacheblend.orchestrator.records.QualityRun;
import ai.cacheblend.orchestrator.records.Run;
import ai.cacheblend.orchestrator.records.Sample;
import ai.cacheblend.orchestrator.records.Trial;
import ai.cacheblend.orchestrator.records.TtftRun;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Optional;
import java.util.function.BiConsumer;

/** The values of a run that are compared: by cell, then by the hash of the prompt. */
final class CellValues {
  private CellValues() {}

  /**
   * Those of a run.
   *
   * @param chunkTokens the chunk size to name cells by; empty where there is but one
   */
  static Map<Cell, Map<String, Double>> of(Run run, Optional<Integer> chunkTokens) {
    Map<Cell, Map<String, Double>> values = new LinkedHashMap<>();
    if (run instanceof TtftRun ttft) {
      addTtft(values, ttft, chunkTokens);
      ttft.facts()
          .baseline()
          .ifPresent(baseline -> addSpeedUps(values, ttft, baseline.name(), chunkTokens));
    } else if (run instanceof QualityRun quality) {
      addScores(values, quality);
    }
    return values;
  }

  private static void addTtft(
      Map<Cell, Map<String, Double>> values, TtftRun run, Optional<Integer> chunkTokens) {
    each(
        run,
        (row, arm) -> {
          Map<String, Double> ttfts = ttfts(run, row.length(), arm);
          if (!ttfts.isEmpty()) {
            values.put(Cell.ofLength(Measure.TTFT, arm, row.length(), chunkTokens), ttfts);
          }
        });
  }

  private static void addSpeedUps(
      Map<Cell, Map<String, Double>> values,
      TtftRun run,
      String baseline,
      Optional<Integer> chunkTokens) {
    each(
        run,
        (row, arm) -> {
          Map<String, Double> full = ttfts(run, row.length(), baseline);
          Map<String, Double> speedUps = ttfts(run, row.length(), arm);
          if (!arm.equals(baseline) && !speedUps.isEmpty()) {
            // A block that counts has every arm, so that each prompt is in both.
            speedUps.replaceAll((prompt, seconds) -> full.get(prompt) / seconds);
            values.put(Cell.ofLength(Measure.SPEEDUP, arm, row.length(), chunkTokens), speedUps);
          }
        });
  }

  private static void each(TtftRun run, BiConsumer<TtftRun.Row, String> body) {
    for (TtftRun.Row row : run.rows()) {
      for (ArmFacts arm : run.facts().arms()) {
        body.accept(row, arm.name());
      }
    }
  }

  private static Map<String, Double> ttfts(TtftRun run, int length, String arm) {
    Map<String, Double> ttfts = new LinkedHashMap<>();
    run.measured(length, arm).stream()
        .filter(Trial::valid)
        .forEach(trial -> ttfts.put(trial.promptHash(), trial.clientTtft().orElseThrow()));
    return ttfts;
  }

  private static void addScores(Map<Cell, Map<String, Double>> values, QualityRun run) {
    for (ArmFacts arm : run.facts().arms()) {
      Map<String, Double> scores = new LinkedHashMap<>();
      for (Sample sample : run.samples()) {
        if (sample.valid()) {
          Optional.ofNullable(sample.answers().get(arm.name()))
              .map(answer -> answer.scores().get(run.metric()))
              .ifPresent(score -> scores.put(sample.promptHash() + " " + sample.id(), score));
        }
      }
      if (!scores.isEmpty()) {
        values.put(Cell.ofDataset(arm.name(), run.dataset()), scores);
      }
    }
  }
}
