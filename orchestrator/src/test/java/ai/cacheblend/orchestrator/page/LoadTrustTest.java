package ai.cacheblend.orchestrator.page;

import static org.assertj.core.api.Assertions.assertThat;

import ai.cacheblend.orchestrator.load.LoadAnalysis;
import ai.cacheblend.orchestrator.plan.LoadPlan;
import ai.cacheblend.orchestrator.records.LoadResult;
import ai.cacheblend.orchestrator.records.LoadSlice;
import ai.cacheblend.orchestrator.records.ResultFolder;
import ai.cacheblend.orchestrator.testing.LoadSamples;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

final class LoadTrustTest {
  @TempDir private Path folder;

  @Test
  void refusedRequestsAreExpectedInASearchOnly() {
    assertThat(failedRequests(LoadSamples.plan()).holds()).isFalse();
    assertThat(failedRequests(LoadSamples.searchPlan()).holds()).isTrue();
  }

  /** At the higher rate, full prefill has refused requests. */
  private TrustCheck failedRequests(LoadPlan plan) {
    LoadSamples.write(folder, 1, 1);
    LoadResult written = (LoadResult) ResultFolder.read(folder).get(0);
    List<LoadSlice> slices = LoadSamples.slices(1, 1);
    List<TrustCheck> checks = new ArrayList<>();
    LoadTrust.add(
        checks, new LoadResult(written.header(), LoadAnalysis.summary(plan, slices), slices));
    return checks.stream()
        .filter(c -> c.name().equals("failed requests"))
        .findFirst()
        .orElseThrow();
  }
}
