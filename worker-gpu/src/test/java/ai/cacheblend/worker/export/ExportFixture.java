package ai.cacheblend.worker.export;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import ai.cacheblend.worker.export.weights.FloatBits;
import ai.cacheblend.worker.model.Dtype;
import ai.cacheblend.worker.model.ModelManifest;
import ai.cacheblend.worker.model.WeightBlock;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.OptionalLong;
import java.util.Set;
import java.util.stream.Stream;

/** A checkpoint folder and the model folder that it is exported to. */
final class ExportFixture {
  final Path folder;
  Path checkpoint;
  Path out;

  ExportFixture(Path folder) {
    this.folder = folder;
    this.checkpoint = folder.resolve("checkpoint");
    this.out = folder.resolve("model");
  }

  ModelManifest export(ExportRequest request) throws IOException {
    return new Exporter(ExportProgress.NONE).export(request);
  }

  ExportRequest request(Dtype dtype, List<Integer> checkLayers, OptionalLong seed) {
    return new ExportRequest(
        checkpoint, "tiny", out, dtype, checkLayers, seed, Optional.empty(), Set.of());
  }

  ExportRequest request(Dtype dtype) {
    return request(dtype, List.of(1), OptionalLong.empty());
  }

  ModelManifest exportWith(List<String> warnings) throws IOException {
    ExportProgress progress =
        new ExportProgress() {
          @Override
          public void written(String block, long writtenBytes, long totalBytes) {}

          @Override
          public void warning(String message) {
            warnings.add(message);
          }
        };
    return new Exporter(progress).export(request(Dtype.FP32));
  }

  List<String> filesBesideCheckpoint() throws IOException {
    try (Stream<Path> files = Files.list(folder)) {
      return files.map(file -> file.getFileName().toString()).sorted().toList();
    }
  }

  void refused(ExportRequest request, String... messageParts) throws IOException {
    List<String> before = filesBesideCheckpoint();
    assertThatThrownBy(() -> export(request))
        .isInstanceOf(ExportException.class)
        .hasMessageContainingAll(messageParts)
        .extracting(Throwable::getMessage)
        .asString()
        .doesNotContain("\n");
    assertThat(filesBesideCheckpoint()).isEqualTo(before);
  }

  /** All numbers of a block as they stand in the weights file. */
  float[] numbers(WeightBlock block) throws IOException {
    byte[] file = Files.readAllBytes(out.resolve(ModelManifest.WEIGHTS_FILE));
    ByteBuffer bytes =
        ByteBuffer.wrap(file, (int) block.offset(), (int) block.byteCount())
            .order(ByteOrder.LITTLE_ENDIAN);
    float[] numbers = new float[(int) block.byteCount() / block.dtype().byteCount()];
    for (int i = 0; i < numbers.length; i++) {
      numbers[i] =
          switch (block.dtype()) {
            case FP32 -> bytes.getFloat();
            case FP16 -> FloatBits.fromHalf(bytes.getShort());
            case BF16 -> FloatBits.fromBfloat(bytes.getShort());
          };
    }
    return numbers;
  }

  static float[] joined(CheckpointFixture fixture, String... tensors) {
    List<Float> numbers = new ArrayList<>();
    for (String name : tensors) {
      for (float value : fixture.tensors.get(name).values()) {
        numbers.add(value);
      }
    }
    float[] array = new float[numbers.size()];
    for (int i = 0; i < array.length; i++) {
      array[i] = numbers.get(i);
    }
    return array;
  }
}
