package ai.cacheblend.orchestrator.page;

import static j2html.TagCreator.each;
import static j2html.TagCreator.mark;
import static j2html.TagCreator.text;

import j2html.tags.DomContent;
import java.util.ArrayList;
import java.util.List;

/**
 * Two texts and the first word that differs. The records contain no text per token, so the word
 * that contains the first differing character is used.
 *
 * @param start index of the word in both texts
 */
record DifferingWord(String first, String second, int start) {
  private static final String END = "⏎ end of answer";

  static DifferingWord of(String first, String second) {
    int common = 0;
    int shorter = Math.min(first.length(), second.length());
    while (common < shorter && first.charAt(common) == second.charAt(common)) {
      common++;
    }
    boolean ends = common == shorter;
    int start = common;
    // If one text is a prefix of the other, the rest of the longer one differs.
    boolean insideWord =
        !ends || (common < first.length() ? letter(first, common) : letter(second, common));
    while (insideWord && start > 0 && !Character.isWhitespace(first.charAt(start - 1))) {
      start--;
    }
    return new DifferingWord(first, second, start);
  }

  private static boolean letter(String text, int index) {
    return index < text.length() && !Character.isWhitespace(text.charAt(index));
  }

  DomContent inFirst(int maxCharacters) {
    return marked(first, maxCharacters);
  }

  DomContent inSecond(int maxCharacters) {
    return marked(second, maxCharacters);
  }

  private DomContent marked(String text, int maxCharacters) {
    int from = Math.max(0, start - maxCharacters / 2);
    int end = start;
    while (end < text.length() && (end == start || !Character.isWhitespace(text.charAt(end)))) {
      end++;
    }
    int to = Math.min(text.length(), Math.max(end, from + maxCharacters));
    List<DomContent> parts = new ArrayList<>();
    parts.add(text((from > 0 ? "… " : "") + text.substring(from, start)));
    parts.add(start < text.length() ? mark(text.substring(start, end)) : mark(END));
    parts.add(text(text.substring(end, to) + (to < text.length() ? " …" : "")));
    return each(parts, part -> part);
  }
}
