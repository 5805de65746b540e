package ai.cacheblend.orchestrator.compare;

import ai.cacheblend.orchestrator.records.LoadResult;
import ai.cacheblend.orchestrator.records.Measure;
import ai.cacheblend.orchestrator.records.PlannedArm;
import ai.cacheblend.orchestrator.records.QualityResult;
import ai.cacheblend.orchestrator.records.Result;
import ai.cacheblend.orchestrator.records.Sample;
import ai.cacheblend.orchestrator.records.Trial;
import ai.cacheblend.orchestrator.records.TtftResult;
import ai.cacheblend.orchestrator.records.TtftSummary;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.function.BiConsumer;

/** The compared values of a run: by cell, then by prompt hash. */
final class CellValues {
  private CellValues() {}

  /**
   * The values of a run.
   *
   * @param part in the names of cells
   */
  static Map<Cell, Map<String, Double>> of(Result run, RunPart part) {
    Map<Cell, Map<String, Double>> values = new LinkedHashMap<>();
    if (run instanceof TtftResult ttft) {
      addTtft(values, ttft, part);
      ttft.header()
          .baseline()
          .ifPresent(baseline -> addSpeedUps(values, ttft, baseline.name(), part));
    } else if (run instanceof QualityResult quality) {
      addScores(values, quality, part);
    } else if (run instanceof LoadResult load) {
      LoadCells.add(values, load);
    }
    return values;
  }

  private static void addTtft(Map<Cell, Map<String, Double>> values, TtftResult run, RunPart part) {
    each(
        run,
        (row, arm) -> {
          Map<String, Double> ttfts = ttfts(run, row.length(), arm);
          if (!ttfts.isEmpty()) {
            values.put(Cell.ofLength(ComparedMeasure.TTFT, arm, row.length(), part), ttfts);
          }
        });
  }

  private static void addSpeedUps(
      Map<Cell, Map<String, Double>> values, TtftResult run, String baseline, RunPart part) {
    each(
        run,
        (row, arm) -> {
          Map<String, Double> full = ttfts(run, row.length(), baseline);
          Map<String, Double> speedUps = ttfts(run, row.length(), arm);
          if (!arm.equals(baseline) && !speedUps.isEmpty()) {
            // A valid block has every arm, so both maps have the same prompts.
            speedUps.replaceAll((prompt, seconds) -> full.get(prompt) / seconds);
            values.put(Cell.ofLength(ComparedMeasure.SPEEDUP, arm, row.length(), part), speedUps);
          }
        });
  }

  private static void each(TtftResult run, BiConsumer<TtftSummary.Row, String> body) {
    for (TtftSummary.Row row : run.rows()) {
      for (PlannedArm arm : run.header().arms()) {
        body.accept(row, arm.name());
      }
    }
  }

  private static Map<String, Double> ttfts(TtftResult run, int length, String arm) {
    Map<String, Double> ttfts = new LinkedHashMap<>();
    run.measured(length).stream()
        .filter(Trial::valid)
        .forEach(
            trial ->
                ttfts.put(
                    trial.promptHash(),
                    trial.armRun(arm).seconds(Measure.CLIENT_TTFT).orElseThrow()));
    return ttfts;
  }

  private static void addScores(
      Map<Cell, Map<String, Double>> values, QualityResult run, RunPart part) {
    for (PlannedArm arm : run.header().arms()) {
      Map<String, Double> scores = new LinkedHashMap<>();
      for (Sample sample : run.samples()) {
        if (sample.valid()) {
          scores.put(
              sample.promptHash() + " " + sample.id(),
              sample.armRun(arm.name()).score(run.metric()));
        }
      }
      if (!scores.isEmpty()) {
        values.put(
            Cell.ofDataset(arm.name(), run.dataset(), run.chunkTokens(), part.tier()), scores);
      }
    }
  }
}
