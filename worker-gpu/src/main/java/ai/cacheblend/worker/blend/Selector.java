package ai.cacheblend.worker.blend;

import static com.google.common.base.Preconditions.checkArgument;
import static java.util.Objects.requireNonNull;

import java.util.List;

/**
 * The rule that ranks cached rows. Shares are of all eligible rows: cached, and not the last row of
 * the prompt.
 */
public sealed interface Selector {
  /** What is compared at a check layer. */
  enum Tensor {
    VALUE,
    KEY
  }

  /** Share of the eligible rows that stay active after a decoder layer. */
  record CheckStep(int layer, double share) {
    public CheckStep {
      checkArgument(
          layer >= 1,
          "schedule layer is %s; give 1 or more: at layer 0 the KV of a row depends on its token alone",
          Integer.toUnsignedString(layer));
      checkShare("schedule share of layer " + layer, share);
    }
  }

  /** The rows whose fresh KV is farthest from the cached KV. */
  record Deviation(Tensor tensor, List<CheckStep> schedule) implements Selector {
    public Deviation {
      requireNonNull(tensor, "tensor is null");
      schedule = List.copyOf(schedule);
      checkArgument(!schedule.isEmpty(), "schedule is empty; give at least one layer and share");
      for (int i = 1; i < schedule.size(); i++) {
        CheckStep before = schedule.get(i - 1);
        CheckStep step = schedule.get(i);
        checkArgument(
            step.layer() > before.layer(),
            "schedule layer %s follows layer %s; give layers in strictly ascending order",
            step.layer(),
            before.layer());
        checkArgument(
            step.share() <= before.share(),
            "schedule share %s of layer %s is above share %s of layer %s; give shares that do not ascend",
            step.share(),
            step.layer(),
            before.share(),
            before.layer());
      }
    }
  }

  /** The first rows of each chunk, so many from each. */
  record ChunkHeadRows(int rowsPerChunk) implements Selector {
    public ChunkHeadRows {
      checkArgument(
          rowsPerChunk >= 1,
          "rows_per_chunk is %s; give 1 to 2147483647",
          Integer.toUnsignedString(rowsPerChunk));
    }
  }

  /** First the first row of every chunk, then the second, and so on, up to a share. */
  record ChunkHeadShare(double recomputeRatio) implements Selector {
    public ChunkHeadShare {
      checkShare("chunk_head recompute_ratio", recomputeRatio);
    }
  }

  /** Rows drawn at random. */
  record Random(double recomputeRatio, long seed) implements Selector {
    public Random {
      checkShare("random recompute_ratio", recomputeRatio);
    }
  }

  private static void checkShare(String name, double share) {
    // Written so that NaN is refused.
    checkArgument(share >= 0 && share <= 1, "%s is %s; give a share in [0, 1]", name, share);
  }
}
