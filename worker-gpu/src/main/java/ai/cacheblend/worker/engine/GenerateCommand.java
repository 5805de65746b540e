package ai.cacheblend.worker.engine;

import static com.google.common.base.Preconditions.checkArgument;
import static java.util.Objects.requireNonNull;

import ai.cacheblend.worker.blend.Arm;
import java.util.OptionalLong;

/**
 * Request to answer one prompt.
 *
 * @param loadBytesPerSecond limit of the rate at which chunks are loaded to the device
 */
public record GenerateCommand(
    Prompt prompt,
    Arm arm,
    int maxNewTokens,
    Sampling sampling,
    StopConditions stop,
    ReturnOptions returnOptions,
    OptionalLong loadBytesPerSecond) {
  public GenerateCommand {
    requireNonNull(prompt, "prompt is null");
    requireNonNull(arm, "arm is null");
    requireNonNull(sampling, "sampling is null");
    requireNonNull(stop, "stop is null");
    requireNonNull(returnOptions, "returnOptions is null");
    requireNonNull(loadBytesPerSecond, "loadBytesPerSecond is null");
    loadBytesPerSecond.ifPresent(
        rate -> checkArgument(rate >= 1, "loadBytesPerSecond is %s, must be 1 or more", rate));
    checkArgument(
        maxNewTokens >= 1,
        "max_new_tokens is %s; set it to 1 to 2147483647",
        Integer.toUnsignedString(maxNewTokens));
  }

  /** Without a limit of the load rate. */
  public GenerateCommand(
      Prompt prompt,
      Arm arm,
      int maxNewTokens,
      Sampling sampling,
      StopConditions stop,
      ReturnOptions returnOptions) {
    this(prompt, arm, maxNewTokens, sampling, stop, returnOptions, OptionalLong.empty());
  }
}
