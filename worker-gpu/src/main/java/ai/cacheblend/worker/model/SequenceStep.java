package ai.cacheblend.worker.model;

import static com.google.common.base.Preconditions.checkArgument;
import static java.util.Objects.requireNonNull;

import com.google.common.primitives.ImmutableIntArray;
import java.util.Set;

/**
 * Rows of one sequence in a step.
 *
 * @param handle handle of the sequence in the KV pool
 * @param tokenIds token id of each row
 * @param positions position of each row in the sequence
 * @param selection rows that stay active after the check layers
 * @param outputs outputs that are returned in addition to the next token
 */
public record SequenceStep(
    long handle,
    ImmutableIntArray tokenIds,
    Positions positions,
    RowSelection selection,
    Set<StepOutput> outputs) {

  public SequenceStep {
    requireNonNull(selection, "selection is null");
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

  boolean requests(StepOutput output) {
    return outputs.contains(output);
  }
}
