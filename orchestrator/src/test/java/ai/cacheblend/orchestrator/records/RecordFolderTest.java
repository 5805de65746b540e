package ai.cacheblend.orchestrator.records;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import ai.cacheblend.orchestrator.client.DeviceState;
import ai.cacheblend.orchestrator.plan.PlanException;
import ai.cacheblend.orchestrator.plan.TtftPlan;
import ai.cacheblend.orchestrator.plan.WarmUp;
import ai.cacheblend.orchestrator.testing.SampleRuns;
import ai.cacheblend.orchestrator.testing.Samples;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

final class RecordFolderTest {
  @TempDir Path folder;

  @Test
  void trialsRoundTrip() throws IOException {
    List<Trial> valid = Samples.trials().subList(0, 3);
    write(valid);
    String rows = Files.readString(trialsFile());

    try (RecordFolder<Trial> resumed = resume(Samples.ttftPlan())) {
      assertThat(resumed.earlier().blocks()).isEqualTo(valid);
      assertThat(resumed.earlier().session()).isOne();
      assertThat(resumed.resumeNote().orElseThrow()).contains("2 complete blocks kept, 0 rows");
    }
    assertThat(Files.readString(trialsFile())).isEqualTo(rows);
  }

  @Test
  void trialsWithoutAValidResultAreRunAgain() throws IOException {
    write(Samples.trials());

    try (RecordFolder<Trial> resumed = resume(Samples.ttftPlan())) {
      assertThat(resumed.earlier().blocks()).isEqualTo(Samples.trials().subList(0, 3));
      assertThat(resumed.resumeNote().orElseThrow()).contains("2 complete blocks kept, 8 rows");
    }
    assertThat(Files.readAllLines(trialsFile())).hasSize(3 * 4);
  }

  @Test
  void staleOutputsOfAPreviousRunAreRemoved() {
    SampleRuns.small(folder);
    Path ttft = folder.resolve("ttft");
    assertThat(ttft.resolve("result.json")).exists();

    TtftFiles.open(ttft, Samples.ttftPlan(), Samples.environment(), false).close();

    assertThat(ttft.resolve("result.json")).doesNotExist();
    assertThat(ttft.resolve("example.json")).doesNotExist();
  }

  @Test
  void samplesRoundTrip() {
    QualityFiles.open(folder, Samples.qualityPlan(), Samples.environment(), false).close();
    try (RecordFolder<Sample> first =
        QualityFiles.open(folder, Samples.qualityPlan(), Samples.environment(), true)) {
      Samples.samples().forEach(sample -> first.finished(sample, 1));
    }

    try (RecordFolder<Sample> resumed =
        QualityFiles.open(folder, Samples.qualityPlan(), Samples.environment(), true)) {
      assertThat(resumed.earlier().blocks()).isEqualTo(Samples.samples().subList(0, 2));
      assertThat(resumed.earlier().session()).isEqualTo(2);
    }
  }

  @Test
  void incompleteBlockIsDiscarded() throws IOException {
    write(Samples.trials());
    List<String> lines = Files.readAllLines(trialsFile());
    // Two of the four rows of the last block, and half of a third.
    String left = String.join("\n", lines.subList(0, 18)) + "\n";
    Files.writeString(trialsFile(), left + lines.get(18).substring(0, 50));

    try (RecordFolder<Trial> resumed = resume(Samples.ttftPlan())) {
      assertThat(resumed.earlier().blocks()).hasSize(3);
      assertThat(resumed.resumeNote().orElseThrow()).contains("2 complete blocks kept, 7 rows");
      assertThat(Files.readAllLines(trialsFile())).isEqualTo(lines.subList(0, 12));
    }
  }

  @Test
  void duplicateBlockIsKeptOnce() throws IOException {
    write(Samples.trials());
    List<String> lines = Files.readAllLines(trialsFile());
    Files.writeString(
        trialsFile(),
        String.join("\n", lines.subList(4, 8)).replace("\"session\":0", "\"session\":1") + "\n",
        StandardOpenOption.APPEND);

    try (RecordFolder<Trial> resumed = resume(Samples.ttftPlan())) {
      assertThat(resumed.earlier().blocks()).hasSize(3);
      assertThat(resumed.resumeNote().orElseThrow()).contains("12 rows");
    }
  }

  @Test
  void blockOfALostWorkerIsRunAgain() {
    Trial lost = Samples.trials().get(1);
    write(
        List.of(
            new Trial(
                lost.phase(),
                lost.length(),
                lost.trial(),
                lost.origin(),
                lost.promptHash(),
                lost.collect(),
                lost.armRuns(),
                true,
                DeviceState.UNKNOWN,
                BlockLoad.UNKNOWN)));

    try (RecordFolder<Trial> resumed = resume(Samples.ttftPlan())) {
      assertThat(resumed.earlier().blocks()).isEmpty();
    }
  }

  @Test
  void otherPlanIsRejectedWithTheDifference() {
    write(List.of());
    TtftPlan plan = Samples.ttftPlan();
    TtftPlan other =
        new TtftPlan(
            plan.lengths(),
            9,
            WarmUp.exactly(2),
            plan.chunkTokens(),
            plan.suffix(),
            plan.arms(),
            plan.maxNewTokens(),
            plan.seed(),
            List.of("elsewhere:1"));

    assertThatThrownBy(() -> resume(other))
        .isInstanceOf(PlanException.class)
        .hasMessageContaining("plan trials is 9, was 3")
        .hasMessageContaining("plan warmup is {\"min\":2")
        .hasMessageNotContaining("workers");
  }

  @Test
  void rowOfAnotherPlanIsRejected() throws IOException {
    write(Samples.trials());
    List<String> lines = new ArrayList<>(Files.readAllLines(trialsFile()));
    lines.set(1, lines.get(1).replaceFirst("\"plan_id\" ?: ?\"[^\"]*\"", "\"plan_id\":\"other\""));
    Files.write(trialsFile(), lines);

    assertThatThrownBy(() -> resume(Samples.ttftPlan()))
        .isInstanceOf(PlanException.class)
        .hasMessageContaining("trials.jsonl: plan_id is other, the plan of the folder has ");
    assertThat(trialsFile()).hasContent(String.join("\n", lines));
  }

  @Test
  void folderWithoutARunIsRejected() {
    assertThatThrownBy(() -> resume(Samples.ttftPlan()))
        .isInstanceOf(PlanException.class)
        .hasMessageContaining("plan.json does not exist");
  }

  private Path trialsFile() {
    return folder.resolve("trials.jsonl");
  }

  private void write(List<Trial> trials) {
    try (RecordFolder<Trial> files =
        TtftFiles.open(folder, Samples.ttftPlan(), Samples.environment(), false)) {
      trials.forEach(trial -> files.finished(trial, 1));
    }
  }

  private RecordFolder<Trial> resume(TtftPlan plan) {
    return TtftFiles.open(folder, plan, Samples.environment(), true);
  }
}
