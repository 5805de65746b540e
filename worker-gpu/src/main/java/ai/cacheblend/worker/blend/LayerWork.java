package ai.cacheblend.worker.blend;

import static com.google.common.base.Preconditions.checkArgument;

/**
 * What is computed between the KV of one layer and that of the next: the work of the layer, and of
 * the probe before it.
 *
 * @param rows rows with fresh KV
 * @param pairs keys that these rows attend to, summed over rows
 */
public record LayerWork(double rows, double pairs) {
  public static final LayerWork NONE = new LayerWork(0, 0);

  public LayerWork {
    checkArgument(rows >= 0 && pairs >= 0, "%s rows with %s pairs are negative", rows, pairs);
  }

  public LayerWork plus(LayerWork other) {
    return new LayerWork(rows + other.rows, pairs + other.pairs);
  }
}
