package ai.cacheblend.worker.export;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Comparator;
import java.util.List;
import java.util.Random;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/**
 * Mutated checkpoints are exported, or refused in one line that leaves nothing behind. {@code
 * -Dexport.fuzz.count=10000} runs more of them.
 */
final class ExportFuzzTest {

  private static final int COUNT = Integer.getInteger("export.fuzz.count", 150);
  private static final long SEED = Long.getLong("export.fuzz.seed", 11);

  private static final List<String> JSON_VALUES =
      List.of(
          "null",
          "0",
          "-1",
          "1",
          "1e400",
          "0.5",
          "true",
          "\"x\"",
          "[]",
          "{}",
          "[[]]",
          "\"\"",
          "1000000000",
          "99999999999999999999",
          "[1,2,3]",
          "NaN",
          "\"\\u0000\"");

  @TempDir Path folder;

  @Test
  void everyMutationIsExportedOrRefusedInOneLine() throws IOException {
    int refused = 0;
    List<String> failures = new ArrayList<>();
    for (int i = 0; i < COUNT; i++) {
      Random random = new Random(SEED + i);
      Path checkpoint = folder.resolve("checkpoint" + i);
      Path out = folder.resolve("model" + i);
      List<CheckpointFixture> fixtures = CheckpointFixture.all();
      fixtures.get(random.nextInt(fixtures.size())).write(checkpoint, 1 + random.nextInt(2));
      mutate(checkpoint, random);
      try {
        var unused = new Exporter(ExportProgress.NONE).export(ExportRequest.of(checkpoint, out));
      } catch (IOException e) {
        refused++;
        if (String.valueOf(e.getMessage()).contains("\n") || Files.exists(out)) {
          failures.add("seed %d: %s".formatted(SEED + i, e.getMessage()));
        }
      } catch (RuntimeException | OutOfMemoryError e) {
        failures.add("seed %d: %s %s".formatted(SEED + i, e, e.getStackTrace()[0]));
      }
      assertThat(folder.resolve("model" + i + ".partial")).doesNotExist();
      delete(checkpoint);
      delete(out);
    }
    assertThat(failures).isEmpty();
    assertThat(refused).isBetween(COUNT / 4, COUNT - 1);
  }

  private static void mutate(Path checkpoint, Random random) throws IOException {
    List<Path> files;
    try (Stream<Path> list = Files.list(checkpoint)) {
      files = list.sorted().toList();
    }
    Path file = files.get(random.nextInt(files.size()));
    byte[] bytes = Files.readAllBytes(file);
    boolean weights = file.toString().endsWith(".safetensors");
    int headerBytes = weights ? (int) (8 + headerLength(bytes)) : bytes.length;
    switch (random.nextInt(3)) {
      case 0 -> {
        int count = 1 + random.nextInt(4);
        for (int i = 0; i < count; i++) {
          bytes[random.nextInt(headerBytes)] = (byte) random.nextInt(256);
        }
      }
      case 1 -> bytes = Arrays.copyOf(bytes, random.nextInt(bytes.length));
      default -> {
        if (!weights) {
          bytes = replaceValue(new String(bytes, UTF_8), random).getBytes(UTF_8);
        } else {
          bytes[random.nextInt(8)] = (byte) random.nextInt(256);
        }
      }
    }
    Files.write(file, bytes);
  }

  private static long headerLength(byte[] safetensors) {
    return ByteBuffer.wrap(safetensors).order(ByteOrder.LITTLE_ENDIAN).getLong();
  }

  /** Replaces the value behind a random colon. */
  private static String replaceValue(String json, Random random) {
    int colon = json.indexOf(':', random.nextInt(Math.max(1, json.length() - 1)));
    if (colon < 0) {
      return json + JSON_VALUES.get(random.nextInt(JSON_VALUES.size()));
    }
    int end = colon + 1;
    while (end < json.length() && ",}\n".indexOf(json.charAt(end)) < 0) {
      end++;
    }
    return json.substring(0, colon + 1)
        + JSON_VALUES.get(random.nextInt(JSON_VALUES.size()))
        + json.substring(end);
  }

  private static void delete(Path path) throws IOException {
    if (!Files.exists(path)) {
      return;
    }
    try (Stream<Path> files = Files.walk(path)) {
      for (Path file : files.sorted(Comparator.reverseOrder()).toList()) {
        Files.delete(file);
      }
    }
  }
}
