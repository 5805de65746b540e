package ai.cacheblend.worker.forecast;

import static com.google.common.base.Preconditions.checkArgument;
import static java.util.Objects.requireNonNull;

import java.util.Optional;
import java.util.OptionalLong;

/**
 * How a request wants its chunks to be loaded.
 *
 * @param bytesPerSecond limit of the rate; empty: none
 * @param policy empty: that of the worker
 */
public record LoadOptions(OptionalLong bytesPerSecond, Optional<LoadPolicy> policy) {
  public static final LoadOptions NONE = new LoadOptions(OptionalLong.empty(), Optional.empty());

  /** All chunks, without a limit. */
  public static final LoadOptions LOAD_ALL =
      new LoadOptions(OptionalLong.empty(), Optional.of(LoadPolicy.LOAD));

  public LoadOptions {
    requireNonNull(bytesPerSecond, "bytesPerSecond is null");
    requireNonNull(policy, "policy is null");
    bytesPerSecond.ifPresent(
        rate -> checkArgument(rate >= 1, "bytesPerSecond is %s, must be 1 or more", rate));
  }
}
