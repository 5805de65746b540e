package ai.cacheblend.orchestrator.dataset;

import static com.google.common.base.Preconditions.checkArgument;

import java.util.ArrayList;
import java.util.List;
import java.util.SplittableRandom;
import java.util.StringJoiner;

/**
 * Passages of whole paragraphs. A paragraph is repeated only after all others, in a new random
 * order, so that later passages may share single paragraphs with earlier ones.
 *
 * <p>Not thread-safe.
 */
public final class TtftPassages {
  static final String SEPARATOR = "\n\n";

  private final List<String> order;
  private final SplittableRandom random;
  private int next;

  TtftPassages(List<String> paragraphs, long seed) {
    this.order = new ArrayList<>(paragraphs);
    this.random = new SplittableRandom(seed);
    shuffle();
  }

  /** The next passage: {@code minCharacters} or longer, by less than one paragraph. */
  public String next(int minCharacters) {
    checkArgument(minCharacters >= 1, "minCharacters is %s; use 1 or more", minCharacters);
    StringJoiner passage = new StringJoiner(SEPARATOR);
    while (passage.length() < minCharacters) {
      if (next == order.size()) {
        shuffle();
      }
      passage.add(order.get(next++));
    }
    return passage.toString();
  }

  private void shuffle() {
    for (int last = order.size() - 1; last > 0; last--) {
      int other = random.nextInt(last + 1);
      order.set(last, order.set(other, order.get(last)));
    }
    next = 0;
  }
}
