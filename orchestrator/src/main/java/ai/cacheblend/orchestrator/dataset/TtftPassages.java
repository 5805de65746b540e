package ai.cacheblend.orchestrator.dataset;

import static com.google.common.base.Preconditions.checkArgument;

import java.util.ArrayList;
import java.util.List;
import java.util.SplittableRandom;
import java.util.StringJoiner;

/**
 * Passages of whole paragraphs, none of which comes twice until all came once. Then they come again
 * in a new order: two passages may share a paragraph from there on, but not a run of several.
 *
 * <p>For one thread.
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

  /**
   * The next passage: at least {@code minCharacters} long, and longer by less than one paragraph.
   */
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
