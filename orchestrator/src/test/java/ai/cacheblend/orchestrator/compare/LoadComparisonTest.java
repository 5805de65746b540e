package ai.cacheblend.orchestrator.compare;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import ai.cacheblend.orchestrator.console.Columns;
import ai.cacheblend.orchestrator.console.CompareTable;
import ai.cacheblend.orchestrator.records.ResultFolder;
import ai.cacheblend.orchestrator.testing.LoadSamples;
import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

final class LoadComparisonTest {
  @TempDir Path folder;

  @BeforeEach
  void runs() {
    LoadSamples.write(folder.resolve("a"), 1, 1);
    LoadSamples.write(folder.resolve("b"), 2, 1.2);
  }

  private Comparison compare(String... conditions) {
    return Comparison.of(
        ResultFolder.read(folder.resolve("a")),
        ResultFolder.read(folder.resolve("b")),
        List.of(conditions).stream().map(Condition::parse).toList());
  }

  @Test
  void slowerTtftIsResolvedByArmAndLevel() {
    Comparison comparison = compare();

    Verdict verdict =
        comparison.verdicts().stream()
            .filter(v -> v.effect().cell().words().equals("ttft of full_kv_reuse at rate 8"))
            .findFirst()
            .orElseThrow();
    assertThat(verdict.resolved()).isTrue();
    assertThat(verdict.words()).isEqualTo("slower");
    assertThat(verdict.effect().change().orElseThrow()).isCloseTo(0.2, within(0.1));
    // 2 slices of 6 batches each, of the same requests.
    assertThat(verdict.effect().pairCount()).isEqualTo(12);
    // 2 arms, 2 levels, 3 measures.
    assertThat(comparison.verdicts()).hasSize(12);
  }

  @Test
  void conditionsNameTheLevel() {
    assertThat(compare("ttft at rate 8>+5%").failed()).isTrue();
    assertThat(compare("ttft of full_kv_reuse at rate 2>+50%").failed()).isFalse();
    assertThat(compare("itl>+1%", "throughput<-50%").failed()).isFalse();
  }

  @Test
  void capacitiesOfSearchesAreCompared() {
    LoadSamples.writeSearch(folder.resolve("a"), 1, 1);
    LoadSamples.writeSearch(folder.resolve("b"), 2, 1.5);

    Comparison comparison = compare("capacity<-10%", "capacity of full_prefill<-60%");

    assertThat(comparison.verdicts())
        .extracting(v -> v.effect().cell().words())
        .containsExactly("capacity of full_prefill", "capacity of full_kv_reuse");
    assertThat(comparison.verdicts().get(0).effect().change().orElseThrow())
        .isCloseTo(1 / 1.5 - 1, within(0.1));
    assertThat(comparison.failures().values().stream().map(List::size)).containsExactly(2, 0);
  }

  @Test
  void tableFitsTheTerminal() {
    String table = CompareTable.render(compare("ttft>+5%"), Columns.STANDARD);

    assertThat(table).contains("rate 8").contains("itl").contains("throughput");
    assertThat(table.lines()).allMatch(line -> line.length() <= 80 || line.startsWith("A: "));
  }
}
