package ai.cacheblend.worker.model;

import static com.google.common.base.Preconditions.checkArgument;

import com.google.common.primitives.ImmutableIntArray;

/**
 * Makes a step add up the attention of the query rows to the keys before them. Query rows are the
 * last rows of the sequence. The sequence leaves the step with the attention of the last layer.
 *
 * @param layers layers whose attention is added up, ascending
 * @param queryCount number of query rows
 */
public record AttentionProbe(ImmutableIntArray layers, int queryCount) {
  public AttentionProbe {
    checkArgument(!layers.isEmpty(), "layers is empty");
    checkArgument(queryCount >= 1, "queryCount is %s, must be 1 or more", queryCount);
  }

  int lastLayer() {
    return layers.get(layers.length() - 1);
  }
}
