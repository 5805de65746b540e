package ai.cacheblend.orchestrator.compare;

import static org.assertj.core.api.Assertions.assertThat;

import ai.cacheblend.orchestrator.console.Columns;
import ai.cacheblend.orchestrator.console.CompareTable;
import ai.cacheblend.orchestrator.records.Json;
import ai.cacheblend.orchestrator.records.ResultFolder;
import ai.cacheblend.orchestrator.testing.Golden;
import ai.cacheblend.orchestrator.testing.SampleRuns;
import java.io.IOException;
import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Golden files of the comparison and its table. The second run is 10 % slower. */
final class ComparisonFormatTest {
  @TempDir Path folder;

  private Comparison comparison;

  @BeforeEach
  void compare() throws IOException {
    Path a = folder.resolve("a");
    Path b = folder.resolve("b");
    SampleRuns.small(a);
    SampleRuns.small(b);
    SampleRuns.noisy(a.resolve("ttft"), 1, 1, "p");
    SampleRuns.noisy(b.resolve("ttft"), 2, 1.1, "p");
    SampleRuns.edit(b.resolve("ttft/result.json"), "\"Some GPU\"", "\"Other GPU\"");
    comparison =
        Comparison.of(
            ResultFolder.read(a),
            ResultFolder.read(b),
            List.of(Condition.parse("ttft>+5%"), Condition.parse("quality<-0.02")));
  }

  @Test
  void json() throws IOException {
    Golden.assertSame("compare.json", withoutFolder(Json.pretty(ComparisonFile.of(comparison))));
  }

  @Test
  void table() throws IOException {
    Golden.assertSame(
        "compare-table.txt", withoutFolder(CompareTable.render(comparison, Columns.STANDARD)));
    assertThat(comparison.failed()).isTrue();
  }

  private String withoutFolder(String text) {
    return text.replace(folder + "/", "");
  }
}
