package ai.cacheblend.worker.export;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import ai.cacheblend.worker.model.Dtype;
import ai.cacheblend.worker.model.ModelManifest;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** The output folder during and after an export. */
final class ExportOutputTest {
  @TempDir Path folder;

  private ExportFixture model;

  @BeforeEach
  void setUp() {
    model = new ExportFixture(folder);
  }

  @Test
  void refusesANonEmptyOutputFolder() throws IOException {
    CheckpointFixture.mistral().write(model.checkpoint);
    Files.createDirectory(model.out);
    Path precious = Files.writeString(model.out.resolve("precious"), "mine");
    model.refused(model.request(Dtype.FP32), model.out + " is not empty");
    assertThat(precious).hasContent("mine");
    Files.delete(precious);
    model.export(model.request(Dtype.FP32));
    assertThat(ModelManifest.read(model.out).name()).isEqualTo("tiny");
    model.refused(model.request(Dtype.FP32), model.out + " is not empty");
    model.out = model.checkpoint.resolve("config.json");
    model.refused(model.request(Dtype.FP32), "config.json is not a directory");
    model.out = model.checkpoint.resolve("config.json/below");
    model.refused(model.request(Dtype.FP32), "config.json is not a directory");
  }

  @Test
  void deletesTheOutputOfAFailedExport() throws IOException {
    CheckpointFixture.mistral().write(model.checkpoint);
    Exporter failing =
        new Exporter(
            (block, written, total) -> {
              assertThat(model.out).doesNotExist();
              if (written > total / 2) {
                throw new IllegalStateException("disk on fire");
              }
            });
    assertThatThrownBy(() -> failing.export(model.request(Dtype.FP32))).hasMessage("disk on fire");
    assertThat(model.filesBesideCheckpoint()).containsExactly("checkpoint");
  }

  @Test
  void replacesTheOutputOfAKilledExport() throws IOException {
    CheckpointFixture.mistral().write(model.checkpoint);
    Path partial = Files.createDirectory(folder.resolve("model.partial"));
    Files.write(partial.resolve("weights.bin"), new byte[1 << 20]);
    Files.writeString(partial.resolve("stale"), "old");
    assertThatThrownBy(() -> ModelManifest.read(partial)).hasMessageContaining("no model.json");
    ModelManifest manifest = model.export(model.request(Dtype.FP32));
    assertThat(ModelManifest.read(model.out)).isEqualTo(manifest);
    assertThat(model.out.resolve("stale")).doesNotExist();
    assertThat(partial).doesNotExist();
  }

  @Test
  void refusesTwoExportsToOneFolder() throws IOException {
    CheckpointFixture.mistral().write(model.checkpoint);
    List<String> second = new ArrayList<>();
    Exporter first =
        new Exporter(
            (block, written, total) -> {
              if (second.isEmpty()) {
                try {
                  model.export(model.request(Dtype.FP16));
                } catch (IOException e) {
                  second.add(e.getMessage());
                }
              }
            });
    ModelManifest manifest = first.export(model.request(Dtype.FP32));
    assertThat(second).containsExactly("another export is writing " + model.out + ".partial");
    assertThat(ModelManifest.read(model.out)).isEqualTo(manifest);
  }

  @Test
  void progressEndsAtTheSizeOfTheWeights() throws IOException {
    CheckpointFixture.mistral().write(model.checkpoint);
    List<Long> written = new ArrayList<>();
    List<Long> totals = new ArrayList<>();
    new Exporter(
            (block, bytes, total) -> {
              written.add(bytes);
              totals.add(total);
            })
        .export(model.request(Dtype.FP32));
    long size = Files.size(model.out.resolve("weights.bin"));
    assertThat(written).isSorted().last().isEqualTo(size);
    assertThat(totals).containsOnly(size);
  }
}
