package ai.cacheblend.worker.engine;

import ai.cacheblend.worker.blend.Arm;
import ai.cacheblend.worker.blend.AttentionPlan;
import ai.cacheblend.worker.blend.PromptLayout;
import ai.cacheblend.worker.blend.RowLayers;
import ai.cacheblend.worker.blend.RowPlan;
import ai.cacheblend.worker.blend.Selector;
import ai.cacheblend.worker.chunks.ChunkStore;
import ai.cacheblend.worker.forecast.LoadOptions;
import ai.cacheblend.worker.kv.BlockKeys;
import ai.cacheblend.worker.kv.KvLoad;
import ai.cacheblend.worker.kv.KvSequence;
import ai.cacheblend.worker.model.AttentionProbe;
import ai.cacheblend.worker.model.ModelFailureException;
import ai.cacheblend.worker.model.Positions;
import ai.cacheblend.worker.model.RowChoice;
import ai.cacheblend.worker.model.RowSelection;
import ai.cacheblend.worker.model.SequenceResult;
import ai.cacheblend.worker.model.SequenceStep;
import ai.cacheblend.worker.model.StepOutput;
import com.google.common.collect.Sets;
import com.google.common.primitives.ImmutableIntArray;
import java.util.List;
import java.util.Optional;
import java.util.OptionalDouble;
import java.util.OptionalLong;
import java.util.Set;

/** Chunk leases or shared blocks, KV sequence and row plan of one prompt that runs. */
final class PromptRun implements AutoCloseable {
  /** Outputs of a step that computes some of the rows, and not the last one. */
  private static final Set<StepOutput> PIECE_OUTPUTS = Set.of(StepOutput.ACTIVE_POSITIONS);

  private final Prompt prompt;
  private final PromptForecast forecast;
  private final PromptChunks chunks;
  private final KvSequence sequence;
  private final BlockKeys blockKeys;
  private final RowPlan plan;
  private final RowLayers rowLayers;
  private final int layerCount;

  /** Rows of the prefill. */
  private final Positions rows;

  private final RowSelection keepAll;
  private final RowSelection selection;

  /** Whether the step of the plan's probe has still to run. */
  private boolean probing;

  /** Rows of the prefill that earlier steps have computed. */
  private int prefilledRowCount;

  /** Active positions that these steps returned. */
  private ImmutableIntArray prefilledPositions = ImmutableIntArray.of();

  /** Rows of the last step of the prefill. */
  private int stepRowCount;

  private PromptRun(
      Resources resources,
      Prompt prompt,
      RowPlan plan,
      PromptForecast forecast,
      PromptChunks chunks,
      KvSequence sequence,
      BlockKeys blockKeys) {
    this.prompt = prompt;
    this.plan = plan;
    this.forecast = forecast;
    this.chunks = chunks;
    this.sequence = sequence;
    this.blockKeys = blockKeys;
    this.rowLayers = resources.planner().rowLayers(plan);
    this.layerCount = resources.model().layerCount();
    this.probing = plan.attention().isPresent();
    this.rows = rows(plan);
    this.keepAll = resources.keepAll();
    this.selection = selection(plan, keepAll.checkLayers());
  }

  private static Positions rows(RowPlan plan) {
    if (plan.chosenPositions().isEmpty()) {
      return Positions.upTo(plan.promptRowCount());
    }
    ImmutableIntArray chosen = plan.chosenPositions().get();
    int first = chosen.get(0);
    int end = first + chosen.length();
    return end == plan.promptRowCount()
        ? new Positions.Range(first, end)
        : new Positions.Listed(chosen);
  }

  private static RowSelection selection(RowPlan plan, List<Integer> checkLayers) {
    Optional<AttentionPlan.Choice> choice = plan.attention().flatMap(AttentionPlan::choice);
    return new RowSelection(
        choice
            .map(c -> new RowChoice(c.count(), c.anchorCount(), c.headDepth(), c.headEnd()))
            .orElse(RowChoice.ALL_ROWS),
        checkLayers,
        plan.keepCounts(),
        plan.tensor() == Selector.Tensor.KEY,
        plan.attention().isPresent() && choice.isEmpty());
  }

  /** Leases the chunks, then reserves KV memory for the prompt and its new tokens. */
  static PromptRun open(
      Resources resources,
      Prompt prompt,
      Arm arm,
      ChunkStore.Use use,
      int maxNewTokens,
      LoadOptions loads) {
    LoadChoice choice = LoadChoice.of(resources, prompt, arm, loads);
    OptionalLong rateLimit = loads.bytesPerSecond();
    PromptChunks chunks = resources.lease(choice.prompt(), arm, use, rateLimit);
    KvSequence sequence = null;
    try {
      int promptTokenCount = Math.toIntExact(prompt.tokenCount());
      BlockKeys keys = BlockKeys.NONE;
      PromptLayout layout = choice.prompt().layout();
      if (arm instanceof Arm.PrefixCaching) {
        keys = resources.prefixKeys().of(prompt.tokenIds());
        // The last row is always computed: its logits are the first token.
        int reusable = resources.prefixKeys().fullBlockCount(promptTokenCount - 1);
        sequence = resources.pool().reserve(promptTokenCount + maxNewTokens, keys.first(reusable));
        layout = PromptLayout.withPrefix(promptTokenCount, sequence.sharedTokenCount());
      } else {
        sequence = resources.pool().reserve(promptTokenCount + maxNewTokens);
        chunks.injectInto(sequence);
      }
      Arm planned = choice.planned(arm);
      OptionalDouble ratio = OptionalDouble.empty();
      if (planned instanceof Arm.CacheBlend blend && blend.raisesRatio()) {
        ratio =
            OptionalDouble.of(
                resources.controller().freeRatio(layout, blend, chunks.locations(), rateLimit));
        planned = blend.withRatio(ratio.getAsDouble());
      }
      RowPlan plan = resources.planner().plan(layout, planned);
      PromptForecast forecast =
          new PromptForecast(
              resources,
              choice,
              ratio,
              layout,
              plan,
              resources.controller().loadSeconds(chunks.locations(), rateLimit));
      if (plan.attention().isPresent()) {
        sequence.allocateAttention();
      }
      return new PromptRun(resources, prompt, plan, forecast, chunks, sequence, keys);
    } catch (Throwable t) {
      if (sequence != null) {
        sequence.close();
      }
      chunks.close();
      throw t;
    }
  }

  /** Rows of the prefill that remain, or of the probe before it. */
  StepDemand demand() {
    if (probing) {
      int rowCount = plan.attention().orElseThrow().positions().length();
      return StepDemand.whole(rowCount, rowLayers.probed(), layerCount);
    }
    return divisible()
        ? StepDemand.divisible(rows.count() - prefilledRowCount)
        : StepDemand.whole(rows.count(), rowLayers.forced() + rowLayers.recomputed(), layerCount);
  }

  /** Without gaps and without a selection, a row depends on the rows before it alone. */
  private boolean divisible() {
    return rows instanceof Positions.Range && selection.equals(keepAll);
  }

  /**
   * The next step of the prefill.
   *
   * @param rowCount all rows that remain, or fewer if they are divisible
   * @param outputs outputs of the last step
   */
  SequenceStep prefill(int rowCount, Set<StepOutput> outputs) {
    stepRowCount = rowCount;
    if (probing) {
      return probe(plan.attention().orElseThrow());
    }
    if (rows instanceof Positions.Listed listed) {
      return new SequenceStep(
          sequence.handle(), prompt.tokenIds(listed.values()), rows, selection, outputs);
    }
    int from = rows.get(prefilledRowCount);
    int to = from + rowCount;
    return new SequenceStep(
        sequence.handle(),
        prompt.tokenIds().subArray(from, to),
        new Positions.Range(from, to),
        selection,
        to == plan.promptRowCount() ? outputs : Sets.intersection(outputs, PIECE_OUTPUTS));
  }

  /**
   * Takes the result of a step of the prefill, and verifies the rows of the last one. Empty if
   * further steps follow.
   *
   * @throws LostChunksException if the step has read chunks whose KV did not arrive
   */
  Optional<SequenceResult> prefilled(SequenceResult step, Set<StepOutput> outputs) {
    chunks.verifyLoaded();
    if (probing) {
      probing = false;
      return Optional.empty();
    }
    prefilledRowCount += stepRowCount;
    prefilledPositions =
        ImmutableIntArray.builder(prefilledPositions.length() + step.activePositions().length())
            .addAll(prefilledPositions)
            .addAll(step.activePositions())
            .build();
    if (prefilledRowCount < rows.count()) {
      return Optional.empty();
    }
    SequenceResult prefill = step.withActivePositions(prefilledPositions);
    verify(prefill, outputs);
    return Optional.of(prefill);
  }

  private SequenceStep probe(AttentionPlan attention) {
    return new SequenceStep(
        sequence.handle(),
        prompt.tokenIds(attention.positions()),
        new Positions.Listed(attention.positions()),
        keepAll,
        Optional.of(new AttentionProbe(attention.layers(), attention.queryRowCount())),
        Set.of());
  }

  /**
   * The step that computes the token after this one.
   *
   * @param tokenId can be {@link SequenceStep#LAST_TOKEN}
   */
  SequenceStep decode(int tokenId, int position, Set<StepOutput> outputs) {
    return new SequenceStep(
        sequence.handle(),
        ImmutableIntArray.of(tokenId),
        Positions.only(position),
        keepAll,
        outputs);
  }

  /** Fails if the prefill kept other rows than planned. */
  private void verify(SequenceResult prefill, Set<StepOutput> outputs) {
    verify(prefilledRowCount - stepRowCount + sequence.activeRowCount());
    if (sequence.freshRowLayers() != rowLayers.total()) {
      throw new ModelFailureException(
          String.format(
              "%d rows have fresh KV, summed over layers; the row plan has %d",
              sequence.freshRowLayers(), rowLayers.total()));
    }
    if (outputs.contains(StepOutput.ACTIVE_POSITIONS)) {
      verify(prefill.activePositions().length());
    }
  }

  private void verify(long activeRowCount) {
    if (activeRowCount != plan.lastRowCount()) {
      throw new ModelFailureException(
          String.format(
              "%d rows are active in the last layer; the row plan has %d",
              activeRowCount, plan.lastRowCount()));
    }
  }

  /** After the prefill: lets later prompts share its blocks, if the arm caches prefixes. */
  void publish() {
    if (blockKeys.count() > 0) {
      sequence.publish(blockKeys);
    }
  }

  RowPlan plan() {
    return plan;
  }

  PromptChunks chunks() {
    return chunks;
  }

  int promptTokenCount() {
    return plan.promptRowCount();
  }

  RowCounts rowCounts() {
    return new RowCounts(
        plan.promptRowCount(),
        plan.promptRowCount() - plan.lastRowCount(),
        plan.lastRowCount() - plan.forcedRowCount(),
        plan.forcedRowCount(),
        rowLayers.recomputed(),
        rowLayers.probed());
  }

  PromptForecast forecast() {
    return forecast;
  }

  LoadReport loadReport() {
    return forecast.report(chunks.loadNanos());
  }

  KvLoad kvLoad() {
    return sequence.kvLoad();
  }

  @Override
  public void close() {
    try {
      sequence.close();
    } finally {
      chunks.close();
    }
  }
}
