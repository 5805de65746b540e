package ai.cacheblend.worker.invariants;

import ai.cacheblend.worker.engine.Prompt;
import com.google.common.primitives.ImmutableIntArray;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;

/** Prompts of random tokens. Their lengths exceed a block of KV memory and the attention window. */
final class Prompts {
  static final ImmutableIntArray HEAD = ImmutableIntArray.of(SmallModel.BOS);
  static final ImmutableIntArray SEPARATOR = ImmutableIntArray.of(7, 9);
  static final ImmutableIntArray A = tokens(1, 37);
  static final ImmutableIntArray B = tokens(2, 41);
  static final ImmutableIntArray C = tokens(3, 30);
  static final ImmutableIntArray D = tokens(4, 28);
  static final ImmutableIntArray QUESTION = tokens(5, 9);

  /** Head, four chunks, two separators and a question: 150 tokens. */
  static final Prompt FOUR_CHUNKS =
      new Prompt(
          List.of(
              plain(HEAD),
              cached(A),
              plain(SEPARATOR),
              cached(B),
              cached(C),
              plain(SEPARATOR),
              cached(D),
              plain(QUESTION)));

  private Prompts() {}

  static Prompt.Segment plain(ImmutableIntArray ids) {
    return new Prompt.Segment(ids, false);
  }

  static Prompt.Segment cached(ImmutableIntArray ids) {
    return new Prompt.Segment(ids, true);
  }

  static Prompt of(Prompt.Segment... segments) {
    return new Prompt(List.of(segments));
  }

  static ImmutableIntArray tokens(long seed, int count) {
    return ImmutableIntArray.copyOf(new Random(seed).ints(count, 3, SmallModel.VOCABULARY));
  }

  /** A copy with another token at one index. */
  static ImmutableIntArray changed(ImmutableIntArray ids, int index) {
    int[] copy = ids.toArray();
    copy[index] = copy[index] == 3 ? 4 : 3;
    return ImmutableIntArray.copyOf(copy);
  }

  static ImmutableIntArray tokenIds(Prompt prompt) {
    ImmutableIntArray.Builder ids = ImmutableIntArray.builder();
    prompt.segments().forEach(segment -> ids.addAll(segment.tokenIds()));
    return ids.build();
  }

  /** A cached segment and its first position. */
  record PlacedChunk(ImmutableIntArray tokenIds, int from) {
    int to() {
      return from + tokenIds.length();
    }
  }

  static List<PlacedChunk> chunks(Prompt prompt) {
    List<PlacedChunk> chunks = new ArrayList<>();
    int position = 0;
    for (Prompt.Segment segment : prompt.segments()) {
      if (segment.cached()) {
        chunks.add(new PlacedChunk(segment.tokenIds(), position));
      }
      position += segment.tokenIds().length();
    }
    return chunks;
  }

  /** Positions of the cached tokens except the last token of the prompt. */
  static List<Integer> eligible(Prompt prompt) {
    int last = tokenIds(prompt).length() - 1;
    List<Integer> positions = new ArrayList<>();
    for (PlacedChunk chunk : chunks(prompt)) {
      for (int position = chunk.from(); position < chunk.to(); position++) {
        if (position != last) {
          positions.add(position);
        }
      }
    }
    return positions;
  }

  /** All other positions. */
  static List<Integer> forced(Prompt prompt) {
    List<Integer> eligible = eligible(prompt);
    List<Integer> positions = new ArrayList<>();
    for (int position = 0; position < tokenIds(prompt).length(); position++) {
      if (!eligible.contains(position)) {
        positions.add(position);
      }
    }
    return positions;
  }
}
