package ai.cacheblend.orchestrator.page;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import ai.cacheblend.orchestrator.records.Result;
import ai.cacheblend.orchestrator.records.ResultFolder;
import ai.cacheblend.orchestrator.testing.SampleRuns;
import java.nio.file.Path;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** The model of the sample runs has ten layers, of which nine count, and a check at layer 1. */
final class ArithmeticBoundTest {
  @TempDir Path folder;

  @Test
  void checkAddsTheLayersBeforeIt() {
    // One layer of 100 rows and eight of 25.
    assertThat(ArithmeticBound.of(run(), "cacheblend", 100, 90, 25).orElseThrow())
        .isCloseTo(900.0 / 300, within(1e-9));
  }

  @Test
  void armsWithoutCheckComputeOnlyTheirRows() {
    assertThat(ArithmeticBound.of(run(), "full_kv_reuse", 100, 90, 10).orElseThrow())
        .isCloseTo(10, within(1e-9));
    assertThat(ArithmeticBound.of(run(), "chunk-head:k=4", 100, 90, 25).orElseThrow())
        .isCloseTo(4, within(1e-9));
  }

  @Test
  void fullPrefillHasNoBound() {
    assertThat(ArithmeticBound.of(run(), "full_prefill", 100, 0, 100)).isEmpty();
  }

  private Result run() {
    SampleRuns.small(folder);
    return ResultFolder.read(folder.resolve("ttft")).get(0);
  }
}
