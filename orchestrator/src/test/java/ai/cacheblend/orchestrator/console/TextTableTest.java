package ai.cacheblend.orchestrator.console;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.List;
import org.junit.jupiter.api.Test;

final class TextTableTest {
  private static final String LONG_ARM = "cacheblend-of-the-last-layer-" + "x".repeat(60);

  @Test
  void wideLabelHasASeparateLine() {
    TextTable table = new TextTable(Columns.STANDARD, List.of("arm", "n"));
    table.row(List.of("full_prefill", "20"));
    table.row(List.of(LONG_ARM, "20"));

    List<String> lines = table.render().lines().toList();

    assertThat(lines).hasSize(4);
    assertThat(lines.get(1)).startsWith("full_prefill").endsWith("20").hasSize(80);
    assertThat(lines.get(2)).isEqualTo(LONG_ARM);
    assertThat(lines.get(3)).isEqualTo(" ".repeat(78) + "20");
  }

  @Test
  void wideTableKeepsLabelsInTheRow() {
    TextTable table = new TextTable(Columns.ALL, List.of("arm", "n"));
    table.row(List.of(LONG_ARM, "20"));

    assertThat(table.render().lines()).last().isEqualTo(LONG_ARM + "  20");
  }
}
