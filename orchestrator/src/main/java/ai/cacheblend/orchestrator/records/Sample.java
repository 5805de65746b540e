package ai.cacheblend.orchestrator.records;

import ai.cacheblend.orchestrator.client.DeviceState;
import java.time.Instant;
import java.util.List;
import java.util.Optional;
import java.util.Set;

/**
 * A block of a quality run: one item of a data set.
 *
 * @param index from 0, in the order of the data set
 * @param question the question or query without the template's text; empty in older records
 * @param documentsLeftOut documents, or retrieved chunks, that the prompt lacks, because it was too
 *     long
 * @param retrieved empty without retrieval
 * @param problem why the sample is invalid; empty if every answer is valid
 */
public record Sample(
    int index,
    String id,
    String type,
    String question,
    List<String> references,
    Origin origin,
    Instant startedAt,
    String promptHash,
    int promptTokenCount,
    int cachedTokenCount,
    int documentsLeftOut,
    Optional<Retrieved> retrieved,
    Optional<Collect> collect,
    List<ArmRun> armRuns,
    Optional<String> problem,
    boolean workerLost,
    DeviceState device,
    BlockLoad load)
    implements Block {
  public Sample {
    references = List.copyOf(references);
    armRuns = List.copyOf(armRuns);
  }

  /** The same without other arms than these; empty if it lacks one of them. */
  public Optional<Sample> withArms(Set<String> names) {
    List<ArmRun> kept = armRuns.stream().filter(run -> names.contains(run.arm())).toList();
    return kept.size() < names.size()
        ? Optional.empty()
        : Optional.of(
            new Sample(
                index,
                id,
                type,
                question,
                references,
                origin,
                startedAt,
                promptHash,
                promptTokenCount,
                cachedTokenCount,
                documentsLeftOut,
                retrieved,
                collect,
                kept,
                problem,
                workerLost,
                device,
                load));
  }

  @Override
  public boolean valid() {
    return problem.isEmpty();
  }
}
