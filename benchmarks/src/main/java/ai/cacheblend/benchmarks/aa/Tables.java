package ai.cacheblend.benchmarks.aa;

import java.util.List;
import java.util.Locale;

/** Markdown tables on stdout. */
final class Tables {
  private Tables() {}

  static void header(String first, List<String> others) {
    row(first, others);
    row("---", others.stream().map(other -> "---").toList());
  }

  static void row(String first, List<String> others) {
    System.out.println("| " + first + " | " + String.join(" | ", others) + " |");
  }

  static String text(String format, Object... values) {
    return String.format(Locale.ROOT, format, values);
  }
}
