package ai.cacheblend.orchestrator.load;

import ai.cacheblend.orchestrator.client.WorkerClient;
import ai.cacheblend.orchestrator.dataset.TtftCorpus;
import ai.cacheblend.orchestrator.dataset.TtftPassages;
import com.google.common.math.LongMath;
import com.google.common.primitives.ImmutableIntArray;
import java.util.List;

/** Running text as a ring of token ids, of which chunks and questions are cut. */
final class TokenText {
  private static final int CHARACTERS_PER_CALL = 50_000;

  private final ImmutableIntArray ids;

  TokenText(ImmutableIntArray ids) {
    if (ids.isEmpty()) {
      throw new IllegalArgumentException("the text has no tokens");
    }
    this.ids = ids;
  }

  /** At least {@code tokenCount} tokens of the embedded text, or all that it has. */
  static TokenText embedded(WorkerClient tokenizer, long tokenCount, long seed) {
    TtftCorpus corpus = TtftCorpus.embedded();
    TtftPassages passages = corpus.passages(seed);
    ImmutableIntArray.Builder ids = ImmutableIntArray.builder();
    long characters = 0;
    long tokens = 0;
    while (tokens < tokenCount && characters < corpus.characterCount()) {
      String text = passages.next(CHARACTERS_PER_CALL);
      ImmutableIntArray part = tokenizer.tokenize(List.of(text), false).get(0);
      ids.addAll(part);
      tokens += part.length();
      characters += text.length();
    }
    return new TokenText(ids.build());
  }

  int length() {
    return ids.length();
  }

  /** {@code count} ids from {@code position} on, around the ring. */
  ImmutableIntArray at(long position, int count) {
    ImmutableIntArray.Builder cut = ImmutableIntArray.builder(count);
    int next = Math.floorMod(position, ids.length());
    for (int i = 0; i < count; i++) {
      cut.add(ids.get(next));
      next = next + 1 == ids.length() ? 0 : next + 1;
    }
    return cut.build();
  }

  /**
   * Chunk {@code id} of {@code tokenCount} tokens. Chunks do not overlap before the text is used
   * up, and the first {@link #length} chunks begin at different positions.
   */
  ImmutableIntArray chunk(int id, int tokenCount) {
    long stride = tokenCount;
    while (LongMath.gcd(stride, ids.length()) != 1) {
      stride++;
    }
    return at(id * stride, tokenCount);
  }
}
