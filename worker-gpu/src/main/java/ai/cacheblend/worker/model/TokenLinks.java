package ai.cacheblend.worker.model;

import java.util.Map;

/**
 * Where a step leaves its next tokens, and where it finds those of the step before it.
 *
 * @param computed handle of memory for its tokens; 0: none
 * @param earlier handle of the memory with the tokens of the step before; 0: none
 * @param earlierIndexes index of each sequence among these tokens
 */
record TokenLinks(long computed, long earlier, Map<Long, Integer> earlierIndexes) {
  static final TokenLinks NONE = new TokenLinks(0, 0, Map.of());

  /** The value of the graph input: {@link SequenceStep#LAST_TOKEN} becomes −1 − index. */
  long tokenId(SequenceStep sequence, int tokenId) {
    if (tokenId != SequenceStep.LAST_TOKEN) {
      return tokenId;
    }
    Integer index = earlierIndexes.get(sequence.handle());
    if (index == null) {
      throw new IllegalStateException(
          "sequence " + sequence.handle() + " has no token in the step before");
    }
    return -1L - index;
  }
}
