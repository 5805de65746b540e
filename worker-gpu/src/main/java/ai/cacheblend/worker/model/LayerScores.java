package ai.cacheblend.worker.model;

import static com.google.common.base.Preconditions.checkArgument;

import com.google.common.primitives.ImmutableDoubleArray;
import com.google.common.primitives.ImmutableIntArray;

/**
 * Squared L2 distance of fresh and cached KV, for the cached rows that are active at a check layer.
 */
public record LayerScores(int layer, ImmutableIntArray positions, ImmutableDoubleArray scores) {
  public LayerScores {
    checkArgument(
        positions.length() == scores.length(),
        "%s positions but %s scores",
        positions.length(),
        scores.length());
  }
}
