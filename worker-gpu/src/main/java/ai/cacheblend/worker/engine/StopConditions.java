package ai.cacheblend.worker.engine;

import static com.google.common.base.Preconditions.checkArgument;

import java.util.List;
import java.util.Set;

/** Conditions that end an answer before max_new_tokens. */
public record StopConditions(
    List<String> stopStrings, Set<Integer> stopTokenIds, boolean ignoreEos) {
  public static final StopConditions NONE = new StopConditions(List.of(), Set.of(), false);

  // Every character of the answer is compared with all prefixes of all strings.
  private static final int MAX_STRING_COUNT = 64;
  private static final int MAX_STRING_LENGTH = 256;

  public StopConditions {
    stopStrings = List.copyOf(stopStrings);
    stopTokenIds = Set.copyOf(stopTokenIds);
    checkArgument(
        stopStrings.size() <= MAX_STRING_COUNT,
        "stop_strings has %s entries; send at most %s",
        stopStrings.size(),
        MAX_STRING_COUNT);
    for (int i = 0; i < stopStrings.size(); i++) {
      int length = stopStrings.get(i).length();
      checkArgument(
          length >= 1 && length <= MAX_STRING_LENGTH,
          "stop_strings[%s] has %s characters; send 1 to %s",
          i,
          length,
          MAX_STRING_LENGTH);
    }
  }
}
