package ai.cacheblend.orchestrator.run;

import static org.assertj.core.api.Assertions.assertThat;

import ai.cacheblend.orchestrator.client.CheckedPrompt;
import ai.cacheblend.orchestrator.plan.RowCounts;
import java.util.List;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;

class VerificationTest {
  /** 100 rows, two chunks: 80 reused, 15 recomputed, 5 forced. */
  private static final RowCounts EXPECTED = new RowCounts(100, 80, 15, 5);

  @Test
  void aForecastThatFitsIsNoProblem() {
    assertThat(Verification.problem(checked(2, 100, 20, 5), EXPECTED, 2)).isEmpty();
  }

  @Test
  void eachCountThatDiffersIsNamed() {
    assertThat(Verification.problem(checked(1, 100, 20, 5), EXPECTED, 2))
        .contains("chunks: 1, expected 2");
    assertThat(Verification.problem(checked(2, 99, 20, 5), EXPECTED, 2))
        .contains("prompt tokens: 99, expected 100");
    assertThat(Verification.problem(checked(2, 100, 19, 5), EXPECTED, 2))
        .contains("recomputed rows: 14, expected 15");
    assertThat(Verification.problem(checked(2, 100, 21, 6), EXPECTED, 2))
        .contains("computed rows: 6, expected 5");
  }

  private static CheckedPrompt checked(int chunks, int tokens, int activeRows, int forcedRows) {
    return new CheckedPrompt(
        IntStream.range(0, chunks).mapToObj(i -> "key" + i).toList(),
        tokens,
        tokens - forcedRows,
        List.of(),
        IntStream.range(0, activeRows).boxed().toList(),
        forcedRows);
  }
}
