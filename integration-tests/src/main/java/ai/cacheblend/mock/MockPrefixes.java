package ai.cacheblend.mock;

import com.google.common.primitives.ImmutableIntArray;
import com.google.errorprone.annotations.concurrent.GuardedBy;
import java.util.HashSet;
import java.util.Set;

/** The blocks that the prompts of {@code prefix_caching} left on a mock worker, without a limit. */
final class MockPrefixes {
  private static final int BLOCK_TOKENS = MockDescription.BLOCK_TOKENS;

  /** Token ids from the first one to the end of a block. */
  @GuardedBy("this")
  private final Set<ImmutableIntArray> stored = new HashSet<>();

  /** Rows of a prompt that are reused; its last row never is. */
  synchronized int reused(ImmutableIntArray ids) {
    int end = 0;
    while (end + BLOCK_TOKENS < ids.length()
        && stored.contains(ids.subArray(0, end + BLOCK_TOKENS))) {
      end += BLOCK_TOKENS;
    }
    return end;
  }

  synchronized void store(ImmutableIntArray ids) {
    for (int end = BLOCK_TOKENS; end <= ids.length(); end += BLOCK_TOKENS) {
      stored.add(ids.subArray(0, end));
    }
  }

  /** Returns the number of dropped blocks. */
  synchronized int drop() {
    int count = stored.size();
    stored.clear();
    return count;
  }
}
