package ai.cacheblend.worker.engine;

import static com.google.common.base.Preconditions.checkArgument;
import static java.util.Objects.requireNonNull;

import ai.cacheblend.worker.blend.Arm;
import ai.cacheblend.worker.forecast.LoadOptions;

/**
 * Request to answer one prompt.
 *
 * @param loads how chunks that are not on the device are loaded
 */
public record GenerateCommand(
    Prompt prompt,
    Arm arm,
    int maxNewTokens,
    Sampling sampling,
    StopConditions stop,
    ReturnOptions returnOptions,
    LoadOptions loads) {
  public GenerateCommand {
    requireNonNull(prompt, "prompt is null");
    requireNonNull(arm, "arm is null");
    requireNonNull(sampling, "sampling is null");
    requireNonNull(stop, "stop is null");
    requireNonNull(returnOptions, "returnOptions is null");
    requireNonNull(loads, "loads is null");
    checkArgument(
        maxNewTokens >= 1,
        "max_new_tokens is %s; set it to 1 to 2147483647",
        Integer.toUnsignedString(maxNewTokens));
  }

  /** Loads chunks without a limit, by the policy of the worker. */
  public GenerateCommand(
      Prompt prompt,
      Arm arm,
      int maxNewTokens,
      Sampling sampling,
      StopConditions stop,
      ReturnOptions returnOptions) {
    this(prompt, arm, maxNewTokens, sampling, stop, returnOptions, LoadOptions.NONE);
  }
}
