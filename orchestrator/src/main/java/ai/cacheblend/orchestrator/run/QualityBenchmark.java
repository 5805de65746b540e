package ai.cacheblend.orchestrator.run;

import ai.cacheblend.orchestrator.client.PromptSegment;
import ai.cacheblend.orchestrator.client.WorkerException;
import ai.cacheblend.orchestrator.dataset.PromptPart;
import ai.cacheblend.orchestrator.dataset.QualityTask;
import ai.cacheblend.orchestrator.plan.QualityPlan;
import ai.cacheblend.orchestrator.records.BlockListener;
import ai.cacheblend.orchestrator.records.EarlierBlocks;
import ai.cacheblend.orchestrator.records.Example;
import ai.cacheblend.orchestrator.records.Sample;
import com.google.common.hash.HashCode;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Set;
import java.util.function.BooleanSupplier;
import java.util.function.Supplier;
import java.util.stream.Collectors;

/** Measures answer quality: runs each sample with every arm and scores the answers. */
public final class QualityBenchmark {
  private final QualityPlan plan;
  private final QualityTask task;
  private final Fleet fleet;
  private final RunClock clock;
  private final Supplier<TextEncoder> encoders;

  /**
   * @param encoders opens the sentence encoder of a plan with retrieval
   */
  public QualityBenchmark(
      QualityPlan plan,
      QualityTask task,
      Fleet fleet,
      RunClock clock,
      Supplier<TextEncoder> encoders) {
    this.plan = plan;
    this.task = task;
    this.fleet = fleet;
    this.clock = clock;
    this.encoders = encoders;
  }

  /** Identifier of the headline metric of a task. */
  public static String headlineMetric(QualityTask task) {
    return AnswerScorer.headline(task.metric());
  }

  /**
   * Runs the samples of the plan that {@code earlier} does not have. The result includes both, in
   * the order of the data set.
   */
  public List<Sample> run(EarlierBlocks<Sample> earlier, BlockListener<Sample> listener) {
    return run(earlier, listener, SampleOrder.ofDataset(task.samples().size()), () -> false);
  }

  /**
   * Like {@link #run(EarlierBlocks, BlockListener)}, but samples start in the given order, and none
   * starts once {@code stop} is true. Samples that are running then are finished.
   */
  public List<Sample> run(
      EarlierBlocks<Sample> earlier,
      BlockListener<Sample> listener,
      SampleOrder order,
      BooleanSupplier stop) {
    fleet.requireCheckLayers(plan.arms());
    List<Indexed> samples = prepare(earlier, order);
    Job job =
        new Job(
            new SampleRunner(
                plan,
                task,
                fleet.model().layerCount(),
                fleet.first().description().memory().blockTokenCount(),
                fleet.tokenizerAddsBos(),
                clock,
                earlier.session()));
    listener.started(samples.stream().mapToDouble(job::weight).sum());
    List<Sample> results = new ArrayList<>(earlier.blocks());
    results.addAll(new SharedWork<>(job, listener, stop).run(fleet.workers(), samples));
    results.sort(Comparator.comparingInt(Sample::index));
    return results;
  }

  /** The encoder is closed before the first block begins. */
  private List<Indexed> prepare(EarlierBlocks<Sample> earlier, SampleOrder order) {
    Set<Integer> done = earlier.blocks().stream().map(Sample::index).collect(Collectors.toSet());
    List<Indexed> samples = new ArrayList<>();
    try (QualityPrompts prompts = new QualityPrompts(fleet, plan, encoders)) {
      for (int index : order.indices()) {
        if (!done.contains(index)) {
          samples.add(new Indexed(index, prompts.prepare(task.samples().get(index))));
        }
      }
    }
    return samples;
  }

  private PreparedSample prepareFirst() {
    try (QualityPrompts prompts = new QualityPrompts(fleet, plan, encoders)) {
      return prompts.prepare(task.samples().get(0));
    }
  }

  /** The first sample's prompt as text, without the BOS token. */
  public List<PromptPart> firstPrompt() {
    List<PromptSegment> segments = prepareFirst().segments();
    List<PromptSegment> text =
        segments.subList(fleet.bosTokenId().isPresent() ? 1 : 0, segments.size());
    List<String> texts =
        fleet.first().client().detokenize(text.stream().map(PromptSegment::tokenIds).toList());
    List<PromptPart> parts = new ArrayList<>();
    for (int i = 0; i < texts.size(); i++) {
      parts.add(new PromptPart(texts.get(i), text.get(i).cached()));
    }
    return parts;
  }

  /**
   * The first sample's prompt, and the rows that each blending arm recomputes; empty if no arm
   * blends. It is not timed, and it changes the worker's chunk store.
   *
   * @throws WorkerException if the worker does not answer
   */
  public List<Example> examples() {
    PreparedSample first = prepareFirst();
    return new ExampleRecorder(fleet.first().client(), plan.arms())
            .record("sample " + first.sample().id() + " of " + plan.dataset(), first.segments())
            .stream()
            .toList();
  }

  private record Indexed(int index, PreparedSample prepared) {}

  private record Job(SampleRunner runner) implements SharedWork.Job<Indexed, Sample> {

    @Override
    public HashCode key(Indexed sample) {
      return ContentHash.ofChunks(sample.prepared.segments());
    }

    @Override
    public double weight(Indexed sample) {
      return PromptSegment.shapeOf(sample.prepared.segments()).promptTokenCount();
    }

    /** Throws {@link WorkerException} if the sample can be run on another worker. */
    @Override
    public SharedWork.Done<Sample> run(Worker worker, Indexed sample) {
      return SharedWork.Done.of(runner.run(worker, sample.index, sample.prepared));
    }

    @Override
    public Sample givenUp(Indexed sample, Worker worker, String reason) {
      return runner.lost(sample.index, sample.prepared, worker, reason);
    }
  }
}
