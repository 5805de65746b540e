package ai.cacheblend.orchestrator.records;

import static java.util.Comparator.comparingInt;

import ai.cacheblend.metrics.Summary;
import java.util.ArrayList;
import java.util.Collection;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.OptionalDouble;
import java.util.function.Function;

/**
 * Loads of chunks from a tier in the measured, valid trials of a TTFT run. Medians.
 *
 * @param rows by length and arm; empty if nothing was loaded or computed instead
 */
public record KvLoads(List<Row> rows) {

  /**
   * One arm at one length.
   *
   * @param workerTtftSeconds without the queue
   * @param predictedSeconds prediction of the worker; empty if it had measured too little
   * @param error distance of the prediction from the measurement, as a share of it
   * @param hidden share of the load in which compute did not wait; empty without a load
   * @param computedChunks chunks that were computed instead of loaded
   * @param ratio recompute ratio of arms that raise it
   */
  public record Row(
      int length,
      String arm,
      int n,
      double workerTtftSeconds,
      OptionalDouble predictedSeconds,
      OptionalDouble error,
      OptionalDouble hidden,
      double computedChunks,
      OptionalDouble ratio) {}

  private record Cell(int length, String arm) {}

  private record Measured(KvLoad load, double workerTtftSeconds) {}

  public KvLoads {
    rows = List.copyOf(rows);
  }

  public static KvLoads of(Collection<Trial> trials) {
    Map<Cell, List<Measured>> cells = new LinkedHashMap<>();
    for (Trial trial : trials) {
      if (trial.measured() && trial.valid()) {
        for (ArmRun run : trial.armRuns()) {
          KvLoad load = run.load().orElseThrow();
          if (load.usedTiers()) {
            cells
                .computeIfAbsent(new Cell(trial.length(), run.arm()), cell -> new ArrayList<>())
                .add(new Measured(load, run.seconds(Measure.WORKER_TTFT).orElseThrow()));
          }
        }
      }
    }
    return new KvLoads(
        cells.entrySet().stream()
            .map(entry -> row(entry.getKey(), entry.getValue()))
            .sorted(comparingInt(Row::length).thenComparing(Row::arm))
            .toList());
  }

  private static Row row(Cell cell, List<Measured> answers) {
    return new Row(
        cell.length(),
        cell.arm(),
        answers.size(),
        median(answers, answer -> OptionalDouble.of(answer.workerTtftSeconds())).orElseThrow(),
        median(answers, answer -> answer.load().predictedTtftSeconds()),
        median(answers, KvLoads::error),
        median(answers, answer -> answer.load().hidden()),
        median(answers, answer -> OptionalDouble.of(answer.load().computedChunks())).orElseThrow(),
        median(answers, answer -> answer.load().ratio()));
  }

  private static OptionalDouble error(Measured answer) {
    OptionalDouble predicted = answer.load().predictedTtftSeconds();
    return predicted.isPresent()
        ? OptionalDouble.of(Math.abs(predicted.getAsDouble() / answer.workerTtftSeconds() - 1))
        : OptionalDouble.empty();
  }

  private static OptionalDouble median(
      List<Measured> answers, Function<Measured, OptionalDouble> value) {
    double[] values = answers.stream().map(value).flatMapToDouble(OptionalDouble::stream).toArray();
    return values.length == 0
        ? OptionalDouble.empty()
        : OptionalDouble.of(Summary.of(values).median());
  }
}
