package ai.cacheblend.worker.testing;

import ai.cacheblend.worker.model.LayerScores;
import ai.cacheblend.worker.model.Logits;
import ai.cacheblend.worker.model.ModelRunner;
import ai.cacheblend.worker.model.StepInput;
import ai.cacheblend.worker.model.StepOutput;
import com.google.common.primitives.ImmutableDoubleArray;
import com.google.common.primitives.ImmutableIntArray;
import java.util.ArrayList;
import java.util.BitSet;
import java.util.Comparator;
import java.util.List;
import java.util.Optional;
import java.util.function.Consumer;
import java.util.function.IntUnaryOperator;
import java.util.stream.Collectors;

/**
 * A model that is a pure function of tokens: the next token follows from the last one, and the
 * score of a row is its token id. Rows are chosen at check layers as a graph chooses them.
 */
public final class FakeModelRunner implements ModelRunner {
  private final FakeKvPool memory;
  private final int vocabularySize;
  private final List<Integer> checkLayers;
  private final IntUnaryOperator next;
  private final List<StepInput> steps = new ArrayList<>();
  private volatile Consumer<StepInput> beforeStep = step -> {};
  private volatile int countedTooMany;
  private volatile int listedTooFew;

  public FakeModelRunner(
      FakeKvPool memory, int vocabularySize, List<Integer> checkLayers, IntUnaryOperator next) {
    this.memory = memory;
    this.vocabularySize = vocabularySize;
    this.checkLayers = List.copyOf(checkLayers);
    this.next = next;
  }

  /** Runs on the scheduler thread before each step: may block, fail or count. */
  public void beforeStep(Consumer<StepInput> action) {
    beforeStep = action;
  }

  /** Counts so many rows more than stay active, and lists so many fewer. */
  public void misreport(int counted, int unlisted) {
    countedTooMany = counted;
    listedTooFew = unlisted;
  }

  public List<StepInput> steps() {
    synchronized (steps) {
      return List.copyOf(steps);
    }
  }

  @Override
  public StepOutput run(StepInput input) {
    beforeStep.accept(input);
    synchronized (steps) {
      steps.add(input);
    }
    List<LayerScores> scores = new ArrayList<>();
    List<Integer> active = new ArrayList<>();
    for (int row = 0; row < input.positions().count(); row++) {
      active.add(row);
    }
    for (int check = 0; check < checkLayers.size(); check++) {
      int keep = input.keepCounts().get(check);
      if (keep >= 0) {
        List<Integer> eligible = eligible(input, active);
        scores.add(scores(input, checkLayers.get(check), eligible));
        List<Integer> best =
            eligible.stream()
                .sorted(
                    Comparator.comparingInt((Integer row) -> -input.tokenIds().get(row))
                        .thenComparing(row -> row))
                .limit(keep)
                .toList();
        active.removeIf(row -> eligible.contains(row) && !best.contains(row));
      }
    }
    memory.countActiveRows(input.sequence(), active.size() + countedTooMany);
    int token = next.applyAsInt(input.tokenIds().get(input.tokenIds().length() - 1));
    return new StepOutput(
        token,
        input.wantsLogits() ? Optional.of(logits(token)) : Optional.empty(),
        input.wantsPositions()
            ? ImmutableIntArray.copyOf(
                active.stream()
                    .skip(listedTooFew)
                    .map(input.positions()::get)
                    .collect(Collectors.toList()))
            : ImmutableIntArray.of(),
        scores.stream().filter(s -> input.scoredLayers().contains(s.layer())).toList());
  }

  @Override
  public void close() {}

  private List<Integer> eligible(StepInput input, List<Integer> active) {
    BitSet placed = memory.injectedRows(input.sequence());
    int last = input.positions().count() - 1;
    return active.stream()
        .filter(row -> row != last && placed.get(input.positions().get(row)))
        .toList();
  }

  private static LayerScores scores(StepInput input, int layer, List<Integer> rows) {
    return new LayerScores(
        layer,
        ImmutableIntArray.copyOf(rows.stream().map(input.positions()::get).toList()),
        ImmutableDoubleArray.copyOf(
            rows.stream().map(row -> (double) input.tokenIds().get(row)).toList()));
  }

  /** The next token at 3, its successor at 2, the others at 0. */
  private Logits logits(int token) {
    float[] values = new float[vocabularySize];
    values[token] = 3;
    values[(token + 1) % vocabularySize] = 2;
    return Logits.of(values);
  }
}
