package ai.cacheblend.worker.engine;

import static com.google.common.base.Preconditions.checkArgument;

import ai.cacheblend.worker.model.SequenceStep;
import com.google.common.base.Ticker;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.Executor;
import java.util.concurrent.RunnableFuture;
import java.util.function.Consumer;

/**
 * The running requests, in order of arrival. A request that finds too little free memory waits in
 * the batch until another one has released some, and no later request starts before. Used by the
 * scheduler thread, and by the thread that passes on the results of a step while the scheduler
 * thread launches the next one and uses nothing else.
 */
final class Batch {
  private final int maxSize;
  private final StepPlanner planner;
  private final StepExecutor executor;
  private final TokenThreads tokens;
  private final Executor landing;
  private final Consumer<List<Job<?>>> stepStart;
  private final Consumer<WorkerException> deviceLoss;
  private final List<Job<?>> jobs = new ArrayList<>();

  /** A step and its requests, in the order of its sequences. */
  private record PlannedStep(List<Job<?>> jobs, List<SequenceStep> sequences) {}

  /** The requests are in the order of the sequences of the step. */
  private record LaunchedStep(List<Job<?>> jobs, StepLaunch launch) {}

  /** The step that runs while the next one is planned; null if none does. */
  private LaunchedStep running;

  private final Ticker ticker;
  private final LaunchTimer timer = new LaunchTimer();

  /** Whether memory may have been released since requests last tried to reserve some. */
  private boolean memoryReleased;

  /**
   * @param tokens sample the tokens of each step
   * @param landing passes on the results of a step while the next one is launched
   * @param stepStart receives the requests of each step before it runs
   * @param deviceLoss receives the failure of the device, after all requests have failed
   */
  Batch(
      BatchLimits limits,
      StepExecutor executor,
      TokenThreads tokens,
      Executor landing,
      Consumer<List<Job<?>>> stepStart,
      Consumer<WorkerException> deviceLoss,
      Ticker ticker) {
    this.maxSize = limits.maxSequences();
    this.planner = new StepPlanner(limits.stepRows());
    this.executor = executor;
    this.tokens = tokens;
    this.landing = landing;
    this.stepStart = stepStart;
    this.deviceLoss = deviceLoss;
    this.ticker = ticker;
  }

  boolean isEmpty() {
    return jobs.isEmpty();
  }

  int freeSlotCount() {
    return maxSize - jobs.size();
  }

  void add(Job<?> job) {
    checkArgument(freeSlotCount() > 0, "the batch is full");
    jobs.add(job);
  }

  List<Job<?>> jobs() {
    return jobs;
  }

  /** Removes ended requests. False if there are none. */
  boolean removeEnded() {
    boolean ended = jobs.removeIf(Job::ended);
    memoryReleased |= ended;
    return ended;
  }

  /**
   * Starts requests, in order of arrival, until one finds too little memory. If none can be in a
   * step, no request will release memory: then one fails.
   */
  void prepare() {
    for (Job<?> job : jobs) {
      attempt(job, Job::check);
      memoryReleased |= job.ended();
    }
    prepareInOrder();
    while (jobs.stream().noneMatch(Job::prepared) && failForMemory()) {
      memoryReleased = true;
      prepareInOrder();
    }
  }

  private void prepareInOrder() {
    boolean earlierWaits = false;
    for (Job<?> job : jobs) {
      if (job.ending() || job.prepared() || (earlierWaits && !job.started())) {
        continue;
      }
      if (job.shortage().isEmpty() || memoryReleased) {
        attempt(job, Job::prepare);
      }
      earlierWaits |= !job.ended() && job.shortage().isPresent();
    }
    memoryReleased = false;
  }

  /**
   * Fails the last request that has started and waits for memory, or else the first one. False if
   * none waits.
   */
  private boolean failForMemory() {
    Job<?> failing = null;
    for (Job<?> job : jobs) {
      if (!job.ended() && job.shortage().isPresent() && (failing == null || job.started())) {
        failing = job;
      }
    }
    if (failing == null) {
      return false;
    }
    failing.fail(failing.shortage().orElseThrow());
    return true;
  }

  /**
   * Launches one step with rows of the requests that can be in it, and meanwhile passes on the
   * results of the step before. Where the next step needs the results of this one, passes them on,
   * too. False if there is neither: every request waits for its reader or its token, or for one
   * that does.
   */
  boolean runStep() {
    LaunchedStep before = running;
    Optional<PlannedStep> next = plan();
    if (before == null && next.isEmpty()) {
      return false;
    }
    long beginNanos = now();
    if (before == null) {
      running = launch(next.orElseThrow());
    } else {
      // This thread launches every step: the kernels of two steps rely on one CUDA stream, which
      // ONNX Runtime chooses in each run.
      CompletableFuture<Long> end = CompletableFuture.supplyAsync(() -> land(before), landing);
      running = next.map(this::launch).orElse(null);
      beginNanos = end.join();
      timer.ended(beginNanos);
    }
    if (running != null && stepsAhead(running)) {
      timer.began(beginNanos, running.jobs().size());
    } else if (running != null) {
      LaunchedStep last = running;
      running = null;
      land(last);
    }
    return true;
  }

  /**
   * Whether a step runs that has not ended and whose successor is not due. {@link #runStep}
   * launches it.
   */
  boolean nextStepCanWait() {
    return running != null && now() < timer.dueNanos() && !running.launch().ended();
  }

  /** Constant where no step is launched ahead. */
  private long now() {
    return executor.launchesAhead() ? ticker.read() : 0;
  }

  private boolean stepsAhead(LaunchedStep step) {
    return step.launch().running()
        && executor.launchesAhead()
        && step.jobs().stream().allMatch(Job::stepsAhead);
  }

  /** The next step of the requests that can be in one; empty if there are none. */
  private Optional<PlannedStep> plan() {
    List<Job<?>> prepared = new ArrayList<>(jobs.size());
    List<StepDemand> demands = new ArrayList<>(jobs.size());
    for (Job<?> job : jobs) {
      if (job.prepared() && !job.paused() && !job.ending()) {
        prepared.add(job);
        demands.add(job.demand());
      }
    }
    if (prepared.isEmpty()) {
      return Optional.empty();
    }
    int[] rows = planner.plan(demands);
    List<Job<?>> inStep = new ArrayList<>(prepared.size());
    List<SequenceStep> sequences = new ArrayList<>(prepared.size());
    for (int i = 0; i < rows.length; i++) {
      int rowCount = rows[i];
      if (rowCount > 0 && attempt(prepared.get(i), job -> sequences.add(job.nextStep(rowCount)))) {
        inStep.add(prepared.get(i));
      }
    }
    inStep.forEach(Job::launched);
    return inStep.isEmpty() ? Optional.empty() : Optional.of(new PlannedStep(inStep, sequences));
  }

  private LaunchedStep launch(PlannedStep step) {
    stepStart.accept(step.jobs());
    return new LaunchedStep(step.jobs(), executor.launch(step.sequences()));
  }

  /** Waits for the end of a step and passes on its results. Returns the time of its end. */
  private long land(LaunchedStep step) {
    StepOutcome outcome = step.launch().outcome();
    long endNanos = now();
    step.jobs().forEach(Job::landed);
    finish(step, outcome);
    return endNanos;
  }

  private void finish(LaunchedStep step, StepOutcome outcome) {
    if (!(outcome instanceof StepOutcome.Completed completed)) {
      // The rows of a request that has its result were computed in vain.
      step.jobs().stream().filter(Job::answered).forEach(job -> attempt(job, Job::completeIfEnded));
      fail(step.jobs().stream().filter(job -> !job.ending()).toList(), outcome);
      return;
    }
    if (step.jobs().size() > 1) {
      step.jobs().forEach(Job::stepShared);
    }
    for (int i = 0; i < step.jobs().size(); i++) {
      int index = i;
      attempt(step.jobs().get(i), job -> job.advance(completed.results().get(index)));
    }
    List<RunnableFuture<?>> pending = new ArrayList<>();
    for (Job<?> job : step.jobs()) {
      job.pending().ifPresent(pending::add);
    }
    if (!pending.isEmpty()) {
      tokens.run(pending);
      step.jobs().forEach(job -> attempt(job, Job::settle));
    }
  }

  /** Runs an action of one request, which ends if the action fails. */
  @SuppressWarnings("CatchingUnchecked")
  private boolean attempt(Job<?> job, Consumer<Job<?>> action) {
    if (job.ended()) {
      return false;
    }
    try {
      action.accept(job);
      return true;
    } catch (Throwable t) {
      fail(List.of(job), executor.classify(t));
      return false;
    }
  }

  private void fail(List<Job<?>> failed, StepOutcome outcome) {
    if (outcome instanceof StepOutcome.Failed failure) {
      failed.forEach(job -> job.fail(failure.cause()));
    } else if (outcome instanceof StepOutcome.DeviceLost lost) {
      failed.forEach(job -> job.fail(lost.cause()));
      WorkerException reason = Failures.deviceLost(lost.reason());
      jobs.stream().filter(job -> !job.ending()).forEach(job -> job.fail(reason));
      deviceLoss.accept(reason);
    }
  }
}
