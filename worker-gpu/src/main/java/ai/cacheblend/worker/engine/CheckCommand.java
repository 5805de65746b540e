package ai.cacheblend.worker.engine;

import static com.google.common.base.Preconditions.checkArgument;
import static java.util.Objects.requireNonNull;

import ai.cacheblend.worker.blend.Arm;

/** Request for the deviation of rows, and for the rows that an arm would recompute. */
public record CheckCommand(Prompt prompt, Arm arm) {
  public CheckCommand {
    requireNonNull(prompt, "prompt is null");
    requireNonNull(arm, "arm is null");
    checkArgument(
        arm.readsChunks(),
        "arm is full_prefill or prefix_caching, which compares nothing; set it to full_kv_reuse or"
            + " cacheblend");
  }
}
