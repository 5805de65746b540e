package ai.cacheblend.orchestrator.records;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import ai.cacheblend.orchestrator.plan.PlanException;
import ai.cacheblend.orchestrator.plan.SweepPlan;
import ai.cacheblend.orchestrator.testing.SampleRuns;
import ai.cacheblend.orchestrator.testing.Samples;
import ai.cacheblend.orchestrator.testing.TierSamples;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

final class SweepFilesTest {
  private static final List<String> PARTS = List.of("ttft", "pocketwiki");

  @TempDir Path folder;

  @Test
  void newSweepKeepsNothingOfAnEarlierOne() {
    SampleRuns.sweep(folder);

    SweepFiles files = open(false);

    assertThat(PARTS).noneMatch(files::begun);
    assertThat(folder.resolve("result.json")).doesNotExist();
    assertThat(PARTS).noneMatch(part -> Files.exists(folder.resolve(part).resolve("result.json")));
  }

  @Test
  void resumedSweepFindsItsParts() {
    SampleRuns.sweep(folder);

    assertThat(PARTS).allMatch(open(true)::begun);
  }

  @Test
  void sweepThatNeverBeganCannotBeResumed() {
    assertThatThrownBy(() -> open(true))
        .isInstanceOf(PlanException.class)
        .hasMessageContaining("leave --resume out to begin");
  }

  @Test
  void tiersOfAnotherNumberFormatAreRejected() {
    open(TierSamples.plan(), "int8", false);

    assertThat(open(TierSamples.plan(), "int8", true)).isNotNull();
    assertThatThrownBy(() -> open(TierSamples.plan(), "native", true))
        .isInstanceOf(PlanException.class)
        .hasMessageContaining("worker's tier_kv is [\"native\"], was [\"int8\"]");
  }

  @Test
  void tiersThatAreNotMeasuredCanChange() {
    open(Samples.sweepPlan(), "int8", false);

    assertThat(open(Samples.sweepPlan(), "", true)).isNotNull();
  }

  private SweepFiles open(SweepPlan plan, String tierKv, boolean resume) {
    return SweepFiles.open(folder, plan, PARTS, Samples.environment(tierKv), resume);
  }

  private SweepFiles open(boolean resume) {
    return open(Samples.sweepPlan(), "", resume);
  }
}
