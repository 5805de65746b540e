package ai.cacheblend.orchestrator.run;

import ai.cacheblend.orchestrator.client.PromptSegment;
import com.google.common.hash.Hasher;
import com.google.common.hash.Hashing;
import java.util.List;

/** Hash of a prompt: equal for equal token ids in equal segments. */
final class PromptHash {
  private static final int HEX_DIGITS = 16;

  private PromptHash() {}

  static String of(List<PromptSegment> segments) {
    Hasher hasher = Hashing.sha256().newHasher();
    for (PromptSegment segment : segments) {
      hasher.putBoolean(segment.cached()).putInt(segment.tokenIds().length());
      segment.tokenIds().forEach(hasher::putInt);
    }
    return hasher.hash().toString().substring(0, HEX_DIGITS);
  }
}
