package ai.cacheblend.worker.invariants;

import ai.cacheblend.worker.blend.Arm;
import ai.cacheblend.worker.blend.AttentionPlan;
import ai.cacheblend.worker.blend.PromptLayout;
import ai.cacheblend.worker.blend.RowPlan;
import ai.cacheblend.worker.blend.RowPlanner;
import ai.cacheblend.worker.blend.Selector;
import ai.cacheblend.worker.engine.Prompt;
import ai.cacheblend.worker.invariants.Prompts.PlacedChunk;
import ai.cacheblend.worker.kv.NativeKvSequence;
import ai.cacheblend.worker.model.AttentionProbe;
import ai.cacheblend.worker.model.ModelSession;
import ai.cacheblend.worker.model.Positions;
import ai.cacheblend.worker.model.RowChoice;
import ai.cacheblend.worker.model.RowSelection;
import ai.cacheblend.worker.model.SequenceResult;
import ai.cacheblend.worker.model.SequenceStep;
import ai.cacheblend.worker.model.Step;
import ai.cacheblend.worker.model.StepOutput;
import com.google.common.primitives.ImmutableIntArray;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.Set;

/** Steps of several prompts as one run of the session. */
final class PackedStep {
  private static final Set<StepOutput> OUTPUTS =
      Set.of(StepOutput.LOGITS, StepOutput.ACTIVE_POSITIONS, StepOutput.LAYER_SCORES);

  /**
   * One sequence of the step.
   *
   * @param decoding whether its prefill ran before, so that it has one row in the step
   */
  record Request(Prompt prompt, Arm arm, boolean decoding) {
    Request(Prompt prompt, Arm arm) {
      this(prompt, arm, false);
    }
  }

  /** Result of one sequence. */
  record Result(SequenceResult step, KvImage kv) {}

  private final ModelSession session;
  private final TestWorker worker;
  private final RowPlanner planner = new RowPlanner(SmallModel.CHECK_LAYERS, SmallModel.LAYERS);
  private final List<NativeKvSequence> sequences = new ArrayList<>();
  private final List<SequenceStep> probes = new ArrayList<>();

  PackedStep(SmallModel model, TestWorker worker) {
    this.session = model.session();
    this.worker = worker;
  }

  List<Result> run(List<Request> requests) {
    try {
      List<SequenceStep> steps = requests.stream().map(this::next).toList();
      runProbes();
      List<SequenceResult> results = session.run(new Step(steps));
      List<Result> all = new ArrayList<>();
      for (int s = 0; s < requests.size(); s++) {
        Positions positions = steps.get(s).positions();
        int end = positions.get(positions.count() - 1) + 1;
        all.add(new Result(results.get(s), new KvImage(sequences.get(s), end)));
      }
      return all;
    } finally {
      sequences.forEach(NativeKvSequence::close);
    }
  }

  private SequenceStep next(Request request) {
    ImmutableIntArray ids = Prompts.tokenIds(request.prompt());
    NativeKvSequence sequence = worker.memory().pool().reserve(ids.length() + 1);
    sequences.add(sequence);
    SequenceStep prefill = prefill(request, ids, sequence);
    if (!request.decoding()) {
      return prefill;
    }
    runProbes();
    int token = session.run(Step.of(prefill)).get(0).nextTokenId();
    return new SequenceStep(
        sequence.handle(),
        ImmutableIntArray.of(token),
        Positions.only(ids.length()),
        RowSelection.keepAll(SmallModel.CHECK_LAYERS),
        OUTPUTS);
  }

  private SequenceStep prefill(Request request, ImmutableIntArray ids, NativeKvSequence sequence) {
    List<PlacedChunk> chunks = Prompts.chunks(request.prompt());
    if (request.arm().readsChunks()) {
      chunks.forEach(chunk -> sequence.inject(worker.stored(chunk.tokenIds()), chunk.from()));
    }
    PromptLayout layout =
        new PromptLayout(
            ids.length(),
            chunks.stream().map(c -> new PromptLayout.Span(c.from(), c.to())).toList());
    RowPlan plan = planner.plan(layout, request.arm());
    Optional<AttentionPlan.Choice> choice = plan.attention().flatMap(AttentionPlan::choice);
    RowSelection selection =
        new RowSelection(
            choice
                .map(c -> new RowChoice(c.count(), c.anchorCount(), c.headDepth(), c.headEnd()))
                .orElse(RowChoice.ALL_ROWS),
            SmallModel.CHECK_LAYERS,
            plan.keepCounts(),
            plan.tensor() == Selector.Tensor.KEY,
            plan.attention().isPresent() && choice.isEmpty());
    plan.attention().ifPresent(attention -> probes.add(probe(attention, ids, sequence)));
    Positions positions =
        plan.chosenPositions()
            .<Positions>map(Positions.Listed::new)
            .orElseGet(() -> Positions.upTo(plan.promptRowCount()));
    return new SequenceStep(sequence.handle(), at(ids, positions), positions, selection, OUTPUTS);
  }

  private static SequenceStep probe(
      AttentionPlan attention, ImmutableIntArray ids, NativeKvSequence sequence) {
    sequence.allocateAttention();
    Positions positions = new Positions.Listed(attention.positions());
    return new SequenceStep(
        sequence.handle(),
        at(ids, positions),
        positions,
        RowSelection.keepAll(SmallModel.CHECK_LAYERS),
        Optional.of(new AttentionProbe(attention.layers(), attention.queryRowCount())),
        Set.of());
  }

  /** All probes so far as one step. */
  private void runProbes() {
    if (!probes.isEmpty()) {
      session.run(new Step(probes));
      probes.clear();
    }
  }

  private static ImmutableIntArray at(ImmutableIntArray ids, Positions positions) {
    ImmutableIntArray.Builder rows = ImmutableIntArray.builder();
    for (int row = 0; row < positions.count(); row++) {
      rows.add(ids.get(positions.get(row)));
    }
    return rows.build();
  }
}
