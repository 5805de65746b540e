package ai.cacheblend.orchestrator.console;

import com.google.common.base.Splitter;

/** Wraps text for a terminal of 80 columns. */
final class TextLines {
  private static final String INDENT = "  ";

  private TextLines() {}

  /** Lines of at most 80 columns, unless a word is longer; lines after the first are indented. */
  static String wrapped(String sentence) {
    StringBuilder lines = new StringBuilder();
    StringBuilder line = new StringBuilder();
    for (String word : Splitter.on(' ').omitEmptyStrings().split(sentence)) {
      boolean empty = line.toString().isBlank();
      if (!empty && line.length() + 1 + word.length() > Columns.TERMINAL_WIDTH) {
        lines.append(line).append('\n');
        line = new StringBuilder(INDENT);
        empty = true;
      }
      line.append(empty ? "" : " ").append(word);
    }
    return lines.append(line).append('\n').toString();
  }
}
