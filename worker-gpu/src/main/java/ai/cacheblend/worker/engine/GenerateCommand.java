package ai.cacheblend.worker.engine;

import static com.google.common.base.Preconditions.checkArgument;
import static java.util.Objects.requireNonNull;

import ai.cacheblend.worker.blend.Arm;

/** Request to answer one prompt. */
public record GenerateCommand(
    Prompt prompt,
    Arm arm,
    int maxNewTokens,
    Sampling sampling,
    StopConditions stop,
    ReturnOptions returnOptions) {
  public GenerateCommand {
    requireNonNull(prompt, "prompt is null");
    requireNonNull(arm, "arm is null");
    requireNonNull(sampling, "sampling is null");
    requireNonNull(stop, "stop is null");
    requireNonNull(returnOptions, "returnOptions is null");
    checkArgument(
        maxNewTokens >= 1,
        "max_new_tokens is %s; set it to 1 to 2147483647",
        Integer.toUnsignedString(maxNewTokens));
  }
}
