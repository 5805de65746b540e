package ai.cacheblend.orchestrator.console;

import java.util.List;

/** Lines at the bottom of a terminal that are redrawn in place. */
final class TerminalBlock {
  /** Limits the height: lines that scroll off the top cannot be erased. */
  private static final int MAX_LINES = 20;

  /** Truncates lines at the width of the terminal, so that none wraps. */
  private static final String WRAP_OFF = "\u001b[?7l";

  private static final String WRAP_ON = "\u001b[?7h";
  private static final String ERASE_TO_END = "\r\u001b[J";

  private final TerminalStream out;
  private int drawnCount;

  TerminalBlock(TerminalStream out) {
    this.out = out;
  }

  void draw(List<String> lines) {
    List<String> shown = lines.subList(0, Math.min(lines.size(), MAX_LINES));
    out.control(up() + ERASE_TO_END + WRAP_OFF);
    out.print(String.join("\n", shown) + "\n");
    out.control(WRAP_ON);
    drawnCount = shown.size();
  }

  void erase() {
    out.control(up() + ERASE_TO_END);
    drawnCount = 0;
  }

  private String up() {
    return drawnCount == 0 ? "" : "\u001b[" + drawnCount + "A";
  }
}
