package ai.cacheblend.orchestrator.records;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import ai.cacheblend.orchestrator.load.LoadAnalysis;
import ai.cacheblend.orchestrator.plan.LoadPlan;
import ai.cacheblend.orchestrator.plan.PlanException;
import ai.cacheblend.orchestrator.testing.LoadSamples;
import ai.cacheblend.orchestrator.testing.Samples;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

final class LoadFolderTest {
  @TempDir Path folder;

  private final LoadPlan plan = LoadSamples.plan();
  private final List<LoadSlice> slices = LoadSamples.slices(1, 1);

  @Test
  void aRunIsReadAsItWasWritten() {
    LoadSamples.write(folder, 1, 1);

    LoadResult result = (LoadResult) ResultFolder.read(folder).get(0);

    assertThat(result.slices()).isEqualTo(slices);
    assertThat(result.summary()).isEqualTo(LoadAnalysis.summary(plan, slices));
    assertThat(PlanReader.load(folder.resolve("plan.json"), plan.workers())).isEqualTo(plan);
  }

  @Test
  void aSearchIsReadAsItWasWritten() {
    LoadSamples.writeSearch(folder, 1, 1);
    LoadPlan search = LoadSamples.searchPlan();

    LoadResult result = (LoadResult) ResultFolder.read(folder).get(0);

    assertThat(result.summary().capacities()).hasSize(2);
    assertThat(result.summary())
        .isEqualTo(LoadAnalysis.summary(search, LoadSamples.searchSlices(1, 1)));
    assertThat(PlanReader.load(folder.resolve("plan.json"), search.workers())).isEqualTo(search);
  }

  @Test
  void aStreamIsReadAsItWasWritten() {
    LoadSamples.writeStream(folder);
    LoadPlan stream = LoadSamples.streamPlan();

    LoadResult result = (LoadResult) ResultFolder.read(folder).get(0);

    assertThat(result.summary())
        .isEqualTo(LoadAnalysis.summary(stream, LoadSamples.streamSlices()));
    assertThat(result.summary().levels().get(1).stream().orElseThrow().change()).isPresent();
    assertThat(PlanReader.load(folder.resolve("plan.json"), stream.workers())).isEqualTo(stream);
  }

  @Test
  void aResumedRunKeepsCompleteLevels() throws IOException {
    try (LoadFolder files = LoadFolder.open(folder, plan, Samples.environment(), false)) {
      slices.subList(0, 6).forEach(files::write);
    }
    // The process was killed while it wrote the rows of a slice.
    Path requests = folder.resolve(LoadFolder.REQUESTS);
    Files.writeString(requests, Files.readString(requests) + "{\"plan_id\": \"");

    try (LoadFolder files = LoadFolder.open(folder, plan, Samples.environment(), true)) {
      assertThat(files.earlier()).isEqualTo(slices.subList(0, 4));
      assertThat(files.session()).isEqualTo(1);
      slices.subList(4, 8).forEach(files::write);
    }
    assertThat(LoadFolder.read(folder, PlanJson.id(PlanJson.of(plan)))).isEqualTo(slices);
  }

  @Test
  void aSliceWithoutAllRowsOfItsRequestsIsNotComplete() throws IOException {
    LoadSamples.write(folder, 1, 1);
    Path requests = folder.resolve(LoadFolder.REQUESTS);
    List<String> lines = Files.readAllLines(requests);
    Files.write(requests, lines.subList(0, lines.size() - 1));

    assertThat(LoadFolder.read(folder, PlanJson.id(PlanJson.of(plan))))
        .isEqualTo(slices.subList(0, 7));
  }

  @Test
  void anotherPlanIsRefused() {
    LoadSamples.write(folder, 1, 1);
    LoadPlan other =
        new LoadPlan(
            plan.arms(),
            plan.shape(),
            plan.extent(),
            plan.slices(),
            plan.warmupRequests(),
            plan.slo(),
            plan.workload(),
            plan.background(),
            true,
            plan.maxNewTokens(),
            plan.seed(),
            plan.workers());

    assertThatThrownBy(() -> LoadFolder.open(folder, other, Samples.environment(), true))
        .isInstanceOf(PlanException.class)
        .hasMessageContaining("plan precollect is true, was false");
  }
}
