package ai.cacheblend.orchestrator.page;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import ai.cacheblend.orchestrator.records.Result;
import ai.cacheblend.orchestrator.records.ResultFolder;
import ai.cacheblend.orchestrator.testing.SampleRuns;
import java.io.IOException;
import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/**
 * The model of the sample runs: ten layers, hidden size 256, feed-forward 768, 8 query and 2 KV
 * heads of 64. Expected values are sums over single positions, as in {@code
 * benchmarks/bound/speedup_bound.py}, with recomputed rows spread evenly.
 */
final class ArithmeticBoundTest {
  private static final PromptRows SHORT = new PromptRows(100, 90, 25);
  private static final PromptRows LONG = new PromptRows(4000, 3900, 700);

  @TempDir Path folder;

  @Test
  void checkAddsTheLayersBeforeItAndKeysAndValuesOfItsLayer() throws IOException {
    assertThat(bound("cacheblend", SHORT)).isCloseTo(2.925686040565877, within(1e-9));
    assertThat(bound("cacheblend", LONG)).isCloseTo(3.5575718797647573, within(1e-9));
  }

  @Test
  void armsWithoutCheckComputeOnlyTheirRows() throws IOException {
    assertThat(bound("full_kv_reuse", new PromptRows(100, 90, 10)))
        .isCloseTo(9.549374130737135, within(1e-9));
    assertThat(bound("chunk-head:k=4", LONG)).isCloseTo(5.285232142179975, within(1e-9));
  }

  @Test
  void attentionWindowLimitsTheKeysOfARow() throws IOException {
    run();
    SampleRuns.edit(
        folder.resolve("ttft/result.json"),
        "\"sliding_window_tokens\" : 0",
        "\"sliding_window_tokens\" : 512");

    assertThat(ArithmeticBound.of(read(), "cacheblend", List.of(LONG)).orElseThrow())
        .isCloseTo(3.6916201296851643, within(1e-9));
  }

  /** The long prompt has most of the work. */
  @Test
  void promptsCountByTheirWork() throws IOException {
    assertThat(bound("cacheblend", SHORT, LONG)).isBetween(3.5, 3.5575);
  }

  @Test
  void fullPrefillHasNoBoundAndARunWithoutDimensionsHasNone() throws IOException {
    assertThat(ArithmeticBound.of(run(), "full_prefill", List.of(SHORT))).isEmpty();

    SampleRuns.edit(
        folder.resolve("ttft/result.json"),
        "\"intermediate_size\" : 768",
        "\"intermediate_size\" : 0");
    assertThat(ArithmeticBound.of(read(), "cacheblend", List.of(SHORT))).isEmpty();
  }

  private double bound(String arm, PromptRows... prompts) throws IOException {
    return ArithmeticBound.of(run(), arm, List.of(prompts)).orElseThrow();
  }

  private Result run() {
    SampleRuns.small(folder);
    return read();
  }

  private Result read() {
    return ResultFolder.read(folder.resolve("ttft")).get(0);
  }
}
