package ai.cacheblend.orchestrator.cli;

import static ai.cacheblend.orchestrator.plan.PlanException.require;

import ai.cacheblend.orchestrator.plan.QualityPlan;
import ai.cacheblend.orchestrator.plan.Sampling;
import ai.cacheblend.orchestrator.plan.SweepPlan;
import ai.cacheblend.orchestrator.plan.Tier;
import ai.cacheblend.orchestrator.plan.TtftPlan;
import ai.cacheblend.orchestrator.run.Fleet;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Optional;
import java.util.OptionalInt;
import java.util.Set;

/**
 * The plan of a sweep, with its data.
 *
 * @param plan including checksums of the data
 */
record PlannedSweep(SweepPlan plan, List<PlannedTask> tasks) {
  PlannedSweep {
    tasks = List.copyOf(tasks);
  }

  /**
   * Loads the data of a plan.
   *
   * @param console its environment locates the Hugging Face cache
   */
  static PlannedSweep of(SweepPlan plan, Console console) {
    List<PlannedTask> tasks = new ArrayList<>();
    Set<String> folders = new HashSet<>();
    for (SweepPlan.Data data : plan.data()) {
      PlannedTask task =
          PlannedTask.of(
              data,
              Sampling.FIRST,
              OptionalInt.empty(),
              plan.arms(),
              plan.seed(),
              plan.workers(),
              console);
      String folder = folder(task);
      require(
          folders.add(folder),
          "dataset has the name " + folder + " twice; rename one of the files");
      tasks.add(task);
    }
    return new PlannedSweep(
        plan.with(tasks.stream().map(task -> complete(task.plan())).toList()), tasks);
  }

  /** The same with the chat template of the options around its prompts. */
  PlannedSweep withChat(ChatOptions chat, Fleet fleet, Console console) {
    List<PlannedTask> wrapped =
        tasks.stream().map(task -> task.withChat(chat, fleet, console)).toList();
    return new PlannedSweep(
        plan.with(wrapped.stream().map(task -> complete(task.plan())).toList()), wrapped);
  }

  private static SweepPlan.Data complete(QualityPlan plan) {
    return new SweepPlan.Data(
        plan.datasetSource(),
        plan.samples(),
        Optional.of(plan.prompt()),
        plan.maxPromptCharacters(),
        plan.retrieval(),
        OptionalInt.of(plan.maxNewTokens()),
        plan.margin(),
        Optional.of(plan.datasetSha256()),
        Optional.of(plan.promptsSha256()));
  }

  /**
   * One task per data set and chunk size; documents are split into chunks of that size. Tiers that
   * round KV change answers: these tasks follow again, with chunks from the first tier.
   */
  List<PlannedTask> tasksByChunkSize(Fleet fleet) {
    List<PlannedTask> bySize = new ArrayList<>();
    for (PlannedTask of : tasks) {
      for (int size : plan.speed().chunkTokens()) {
        bySize.add(new PlannedTask(of.plan().withChunkTokens(size), of.task()));
      }
    }
    List<PlannedTask> all = new ArrayList<>(bySize);
    if (!plan.speed().tiers().isEmpty() && !fleet.roundingTierKv().isEmpty()) {
      Optional<Tier> tier = Optional.of(plan.speed().tiers().get(0).tier());
      bySize.forEach(task -> all.add(task.withTier(tier)));
    }
    return all;
  }

  /** The folder of a TTFT run: {@code chunks-256}, or {@code chunks-256-host-3GB-s}. */
  static String folder(TtftPlan plan) {
    return "chunks-"
        + plan.chunkTokens()
        + plan.source().map(of -> "-" + of.id().replaceAll("[^A-Za-z0-9.]+", "-")).orElse("");
  }

  /**
   * The folder of a quality run, such as {@code pocketwiki-chunks-256} or {@code
   * pocketwiki-chunks-256-host}.
   */
  static String folder(PlannedTask task) {
    String name = task.task().name().replaceAll("[^A-Za-z0-9._-]+", "-");
    OptionalInt size = task.plan().chunkTokens();
    return name
        + (size.isPresent() ? "-chunks-" + size.getAsInt() : "")
        + task.plan().tier().map(tier -> "-" + tier.id()).orElse("");
  }

  List<String> notes() {
    return tasks.stream().flatMap(task -> task.notes().stream()).toList();
  }
}
