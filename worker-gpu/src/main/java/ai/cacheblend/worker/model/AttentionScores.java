package ai.cacheblend.worker.model;

import static com.google.common.base.Preconditions.checkArgument;

import com.google.common.primitives.ImmutableDoubleArray;
import com.google.common.primitives.ImmutableIntArray;

/**
 * Attention that the query rows of a probe pay to the eligible rows of a prompt: the mean of the
 * softmax over query rows, heads and layers.
 */
public record AttentionScores(ImmutableIntArray positions, ImmutableDoubleArray scores) {
  public static final AttentionScores NONE =
      new AttentionScores(ImmutableIntArray.of(), ImmutableDoubleArray.of());

  public AttentionScores {
    checkArgument(
        positions.length() == scores.length(),
        "%s positions but %s scores",
        positions.length(),
        scores.length());
  }
}
