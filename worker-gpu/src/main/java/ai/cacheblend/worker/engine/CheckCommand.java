package ai.cacheblend.worker.engine;

import static com.google.common.base.Preconditions.checkArgument;
import static java.util.Objects.requireNonNull;

import ai.cacheblend.worker.blend.Arm;

/** Which rows of a prompt deviate, and which an arm would recompute. */
public record CheckCommand(Prompt prompt, Arm arm) {
  public CheckCommand {
    requireNonNull(prompt, "prompt is null");
    requireNonNull(arm, "arm is null");
    checkArgument(
        arm.readsChunks(),
        "arm is full_prefill, which has nothing to check; give full_kv_reuse or cacheblend");
  }
}
