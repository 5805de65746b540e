package ai.cacheblend.orchestrator.run;

import ai.cacheblend.orchestrator.records.BlockListener;
import ai.cacheblend.orchestrator.records.EarlierBlocks;
import ai.cacheblend.orchestrator.records.Trial;
import com.google.common.hash.HashCode;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.SplittableRandom;

/**
 * TTFT runs that are measured together. Their plans have the same prompts and differ in where the
 * chunks are. Each prompt runs in all of them, one after another and in random order, before the
 * next prompt: drift of the machine affects all alike.
 */
public final class TtftGroup {
  private TtftGroup() {}

  /**
   * A run of the group.
   *
   * @param earlier its trials that are not run again
   * @param listener receives its trials
   */
  public record Part(
      TtftBenchmark benchmark, EarlierBlocks<Trial> earlier, BlockListener<Trial> listener) {}

  /**
   * What a run has to do.
   *
   * @param prompts of measured trials, in their order
   */
  record Work(
      TtftTrialRunner runner,
      TtftWarmUp warmUp,
      List<TtftPrompt> prompts,
      BlockListener<Trial> listener) {
    Work {
      prompts = List.copyOf(prompts);
    }

    double weight(int workerCount) {
      return prompts.stream().mapToDouble(TtftPrompt::weight).sum()
          + workerCount * warmUp.longestWeight();
    }
  }

  /**
   * @param round random place of the prompt among those of the same trial number
   * @param place random place of the part among those of the same prompt
   */
  private record Task(int part, Work work, TtftPrompt prompt, long round, long place) {}

  private record Measured(Task task, Trial trial) {}

  /**
   * Runs all parts.
   *
   * @param events receives the beginning and lost workers; the trials go to the parts
   * @return trials of each part, earlier and warm-up trials included
   */
  public static List<List<Trial>> run(Fleet fleet, List<Part> parts, BlockListener<Trial> events) {
    List<Work> works = parts.stream().map(p -> p.benchmark.prepare(p.earlier, p.listener)).toList();
    List<Task> tasks = new ArrayList<>();
    for (int part = 0; part < parts.size(); part++) {
      for (TtftPrompt prompt : works.get(part).prompts) {
        long round = parts.get(part).benchmark.placeInRound(prompt);
        long place = new SplittableRandom(round + part).nextLong();
        tasks.add(new Task(part, works.get(part), prompt, round, place));
      }
    }
    tasks.sort(
        Comparator.comparingInt((Task task) -> task.prompt.trial())
            .thenComparingLong(Task::round)
            .thenComparingLong(Task::place));
    events.started(works.stream().mapToDouble(w -> w.weight(fleet.workers().size())).sum());
    List<Measured> measured =
        new SharedWork<>(new Job(), listener(events)).run(fleet.workers(), tasks);
    List<List<Trial>> results = new ArrayList<>();
    for (int part = 0; part < parts.size(); part++) {
      Work work = works.get(part);
      List<Trial> trials = new ArrayList<>(parts.get(part).earlier.blocks());
      for (Measured of : measured) {
        if (of.task.part == part) {
          trials.add(of.trial);
        }
      }
      trials.addAll(work.warmUp.finished());
      results.add(parts.get(part).benchmark.sorted(trials));
    }
    return results;
  }

  private static BlockListener<Measured> listener(BlockListener<Trial> events) {
    return new BlockListener<>() {
      @Override
      public void finished(Measured block, double weight) {
        block.task.work.listener.finished(block.trial, weight);
      }

      @Override
      public void workerLost(String worker, String reason) {
        events.workerLost(worker, reason);
      }
    };
  }

  private static final class Job implements SharedWork.Job<Task, Measured> {
    @Override
    public HashCode key(Task task) {
      return ContentHash.ofChunks(task.prompt.segments());
    }

    @Override
    public double weight(Task task) {
      return task.prompt.weight();
    }

    @Override
    public SharedWork.Done<Measured> run(Worker worker, Task task) {
      task.work.warmUp.ensure(worker, task.prompt.length());
      SharedWork.Done<Trial> done = task.work.runner.run(worker, task.prompt);
      return new SharedWork.Done<>(new Measured(task, done.result()), done.workerLost());
    }

    @Override
    public Measured givenUp(Task task, Worker worker, String reason) {
      throw new IllegalStateException("a trial whose worker was lost is not retried: " + reason);
    }
  }
}
