package ai.cacheblend.orchestrator.console;

import com.google.common.base.Strings;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;

/**
 * A table with columns as wide as their cells. The first column is left-aligned, the others are
 * right-aligned. A first cell that is too wide for the table is printed on a separate line.
 */
final class TextTable {
  private static final String GAP = "  ";

  private final List<List<String>> rows = new ArrayList<>();
  private final int maxWidth;

  TextTable(Columns columns, List<String> header) {
    maxWidth = columns.width();
    rows.add(List.copyOf(header));
  }

  void row(List<String> cells) {
    if (cells.size() != rows.get(0).size()) {
      throw new IllegalArgumentException(
          "row has " + cells.size() + " cells, header " + rows.get(0).size());
    }
    rows.add(List.copyOf(cells));
  }

  String render() {
    int others = 0;
    for (int column = 1; column < rows.get(0).size(); column++) {
      others += GAP.length() + width(column);
    }
    int first = Math.min(width(0), Math.max(rows.get(0).get(0).length(), maxWidth - others));
    StringBuilder out = new StringBuilder();
    for (List<String> row : rows) {
      String label = row.get(0);
      if (label.length() > first) {
        out.append(label).append('\n');
        label = "";
      }
      StringBuilder line = new StringBuilder(Strings.padEnd(label, first, ' '));
      for (int column = 1; column < row.size(); column++) {
        line.append(GAP).append(Strings.padStart(row.get(column), width(column), ' '));
      }
      out.append(line.toString().stripTrailing()).append('\n');
    }
    return out.toString();
  }

  private int width(int column) {
    return Collections.max(rows.stream().map(row -> row.get(column).length()).toList());
  }
}
