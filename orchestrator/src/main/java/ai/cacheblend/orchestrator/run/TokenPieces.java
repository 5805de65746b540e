package ai.cacheblend.orchestrator.run;

import com.google.common.primitives.ImmutableIntArray;
import java.util.ArrayList;
import java.util.List;

/**
 * The text that each token adds to a prompt. A token's text depends on the token before it (a
 * leading space is dropped), and one character may span several tokens.
 */
final class TokenPieces {
  /** Decodes lists of ids. */
  interface Detokenizer {
    List<String> texts(List<ImmutableIntArray> tokenIds);
  }

  private static final String PART_OF_A_CHARACTER = "\uFFFD";

  private final Detokenizer detokenizer;

  TokenPieces(Detokenizer detokenizer) {
    this.detokenizer = detokenizer;
  }

  /** One piece per id. A character that spans several tokens is in the piece of the first. */
  List<String> of(ImmutableIntArray ids) {
    List<int[]> single = new ArrayList<>();
    for (int i = 0; i < ids.length(); i++) {
      single.add(new int[] {i, i + 1});
    }
    List<String> pieces = new ArrayList<>(texts(ids, single));
    List<int[]> broken = new ArrayList<>();
    for (int from = 0; from < pieces.size(); from++) {
      int to = from;
      // A later part of a character may add nothing to the replacement character.
      while (to < pieces.size()
          && (pieces.get(to).contains(PART_OF_A_CHARACTER)
              || (to > from && pieces.get(to).isEmpty()))) {
        to++;
      }
      if (to > from) {
        broken.add(new int[] {from, to});
        from = to;
      }
    }
    List<String> whole = broken.isEmpty() ? List.of() : texts(ids, broken);
    for (int i = 0; i < broken.size(); i++) {
      int[] range = broken.get(i);
      pieces.subList(range[0], range[1]).replaceAll(piece -> "");
      pieces.set(range[0], whole.get(i));
    }
    return pieces;
  }

  /** Text that each range [from, to) adds to the token before it. */
  private List<String> texts(ImmutableIntArray ids, List<int[]> ranges) {
    List<ImmutableIntArray> requested = new ArrayList<>();
    for (int[] range : ranges) {
      int before = Math.max(0, range[0] - 1);
      requested.add(ids.subArray(before, range[0]));
      requested.add(ids.subArray(before, range[1]));
      requested.add(ids.subArray(range[0], range[1]));
    }
    List<String> answers = detokenizer.texts(requested);
    List<String> texts = new ArrayList<>();
    for (int i = 0; i < answers.size(); i += 3) {
      String before = answers.get(i);
      String both = answers.get(i + 1);
      texts.add(both.startsWith(before) ? both.substring(before.length()) : answers.get(i + 2));
    }
    return texts;
  }
}
