package ai.cacheblend.worker.model;

import static com.google.common.base.Preconditions.checkArgument;
import static java.util.Objects.requireNonNull;

import com.google.common.primitives.ImmutableIntArray;
import java.util.Optional;
import java.util.Set;

/**
 * Rows of one sequence in a step.
 *
 * @param handle handle of the sequence in the KV pool
 * @param tokenIds token id of each row, or {@link #LAST_TOKEN}
 * @param positions position of each row in the sequence
 * @param selection rows that are active in layer 0 and after the check layers
 * @param probe makes the step a probe, whose result has no next token
 * @param outputs outputs that are returned in addition to the next token
 */
public record SequenceStep(
    long handle,
    ImmutableIntArray tokenIds,
    Positions positions,
    RowSelection selection,
    Optional<AttentionProbe> probe,
    Set<StepOutput> outputs) {

  /**
   * Stands for the next token of the sequence in the step before, which may still run. It had a
   * next token, and no other step with tokens was launched since.
   */
  public static final int LAST_TOKEN = -1;

  /** A step that is no probe. */
  public SequenceStep(
      long handle,
      ImmutableIntArray tokenIds,
      Positions positions,
      RowSelection selection,
      Set<StepOutput> outputs) {
    this(handle, tokenIds, positions, selection, Optional.empty(), outputs);
  }

  public SequenceStep {
    requireNonNull(selection, "selection is null");
    requireNonNull(probe, "probe is null");
    checkArgument(!tokenIds.isEmpty(), "a sequence has at least one row in a step");
    checkArgument(
        tokenIds.length() == positions.count(),
        "%s token ids but %s positions",
        tokenIds.length(),
        positions.count());
    outputs = Set.copyOf(outputs);
  }

  int rowCount() {
    return positions.count();
  }

  /** Number of rows, from the end, that have a query in the last layer. */
  int queryCount() {
    return probe.map(AttentionProbe::queryCount).orElse(1);
  }

  /** The last layer of a probe, which leaves the step there. */
  int lastLayer() {
    return probe.map(AttentionProbe::lastLayer).orElse(Integer.MAX_VALUE);
  }

  boolean requests(StepOutput output) {
    return outputs.contains(output);
  }
}
