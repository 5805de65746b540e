package ai.cacheblend.worker.testing;

import ai.cacheblend.worker.model.AttentionProbe;
import ai.cacheblend.worker.model.AttentionScores;
import ai.cacheblend.worker.model.LayerScores;
import ai.cacheblend.worker.model.Logits;
import ai.cacheblend.worker.model.ModelRunner;
import ai.cacheblend.worker.model.RowChoice;
import ai.cacheblend.worker.model.SequenceResult;
import ai.cacheblend.worker.model.SequenceStep;
import ai.cacheblend.worker.model.Step;
import ai.cacheblend.worker.model.StepOutput;
import com.google.common.primitives.ImmutableDoubleArray;
import com.google.common.primitives.ImmutableIntArray;
import java.util.ArrayList;
import java.util.BitSet;
import java.util.Comparator;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.CountDownLatch;
import java.util.function.Consumer;
import java.util.function.IntUnaryOperator;
import java.util.stream.IntStream;

/**
 * A model that is a pure function of tokens: the next token depends on the last one, and the score
 * of a row is its token id. Check layers select rows as the graph does.
 */
public final class FakeModelRunner implements ModelRunner {
  private final FakeKvPool pool;
  private final int vocabularySize;
  private final int layerCount;
  private final IntUnaryOperator next;
  private final List<SequenceStep> steps = new ArrayList<>();
  private final CountDownLatch interrupted = new CountDownLatch(1);
  private volatile Consumer<SequenceStep> beforeStep = step -> {};
  private final Map<Long, Integer> lastTokens = new HashMap<>();
  private volatile boolean launchesAhead;
  private volatile int countedTooMany;
  private volatile int listedTooFew;

  public FakeModelRunner(
      FakeKvPool pool, int vocabularySize, int layerCount, IntUnaryOperator next) {
    this.pool = pool;
    this.layerCount = layerCount;
    this.vocabularySize = vocabularySize;
    this.next = next;
  }

  /** From now on, steps are launched before the tokens of the step before are known. */
  public void launchAhead() {
    launchesAhead = true;
  }

  @Override
  public boolean launchesAhead() {
    return launchesAhead;
  }

  /** Runs on the scheduler thread before each sequence of a step: may block, fail or count. */
  public void beforeStep(Consumer<SequenceStep> action) {
    beforeStep = action;
  }

  /** Blocks every step after the first until a running step is interrupted. */
  public void blockAfterTheFirstStep() {
    beforeStep(
        step -> {
          if (!steps().isEmpty()) {
            try {
              interrupted.await();
            } catch (InterruptedException e) {
              throw new AssertionError(e);
            }
          }
        });
  }

  @Override
  public void interrupt() {
    interrupted.countDown();
  }

  /** Adds to the count of active rows, and omits rows from their list. */
  public void misreport(int counted, int unlisted) {
    countedTooMany = counted;
    listedTooFew = unlisted;
  }

  public List<SequenceStep> steps() {
    synchronized (steps) {
      return List.copyOf(steps);
    }
  }

  @Override
  public List<SequenceResult> run(Step step) {
    return step.sequences().stream().map(this::run).toList();
  }

  @Override
  public void close() {}

  private SequenceResult run(SequenceStep step) {
    beforeStep.accept(step);
    pool.awaitLoads();
    synchronized (steps) {
      steps.add(step);
    }
    List<LayerScores> scores = new ArrayList<>();
    List<Integer> active =
        new ArrayList<>(IntStream.range(0, step.positions().count()).boxed().toList());
    if (step.selection().choice().count() != RowChoice.ALL) {
      keepBest(step, active, step.selection().choice().count());
    }
    long freshRowLayers = 0;
    int nextLayer = 0;
    for (int layer : step.selection().selectingLayers()) {
      int check = step.selection().checkLayers().indexOf(layer);
      List<Integer> eligible = eligible(step, active);
      scores.add(scores(step, layer, eligible));
      freshRowLayers += (long) active.size() * (layer + 1 - nextLayer);
      nextLayer = layer + 1;
      keepBest(step, active, step.selection().keepCounts().get(check));
    }
    int layerEnd =
        step.probe()
            .map(AttentionProbe::layers)
            .map(layers -> layers.get(layers.length() - 1) + 1)
            .orElse(layerCount);
    freshRowLayers += (long) active.size() * (layerEnd - nextLayer);
    pool.countFreshRowLayers(step.handle(), freshRowLayers);
    pool.countActiveRows(step.handle(), active.size() + countedTooMany);
    int last = step.tokenIds().get(step.tokenIds().length() - 1);
    int token =
        next.applyAsInt(last == SequenceStep.LAST_TOKEN ? lastTokens.get(step.handle()) : last);
    lastTokens.put(step.handle(), token);
    return new SequenceResult(
        token,
        step.outputs().contains(StepOutput.LOGITS) ? Optional.of(logits(token)) : Optional.empty(),
        step.outputs().contains(StepOutput.ACTIVE_POSITIONS)
            ? ImmutableIntArray.copyOf(
                active.stream().skip(listedTooFew).map(step.positions()::get).toList())
            : ImmutableIntArray.of(),
        step.outputs().contains(StepOutput.LAYER_SCORES) ? scores : List.of(),
        AttentionScores.NONE);
  }

  /** Keeps the forced rows and the eligible rows with the highest token ids. */
  private void keepBest(SequenceStep step, List<Integer> active, int count) {
    List<Integer> eligible = eligible(step, active);
    List<Integer> best =
        eligible.stream()
            .sorted(
                Comparator.comparingInt((Integer row) -> -step.tokenIds().get(row))
                    .thenComparing(row -> row))
            .limit(count)
            .toList();
    active.removeIf(row -> eligible.contains(row) && !best.contains(row));
  }

  private List<Integer> eligible(SequenceStep step, List<Integer> active) {
    BitSet injected = pool.injectedRows(step.handle());
    int last = step.positions().count() - 1;
    return active.stream()
        .filter(row -> row != last && injected.get(step.positions().get(row)))
        .toList();
  }

  private static LayerScores scores(SequenceStep step, int layer, List<Integer> rows) {
    return new LayerScores(
        layer,
        ImmutableIntArray.copyOf(rows.stream().map(step.positions()::get).toList()),
        ImmutableDoubleArray.copyOf(
            rows.stream().map(row -> (double) step.tokenIds().get(row)).toList()));
  }

  /** 3 for the next token, 2 for its successor, 0 for the others. */
  private Logits logits(int token) {
    float[] values = new float[vocabularySize];
    if (token >= 0) {
      values[token] = 3;
      values[(token + 1) % vocabularySize] = 2;
    }
    return Logits.of(values);
  }
}
