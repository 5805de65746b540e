package ai.cacheblend.worker.export.gguf;

import static ai.cacheblend.worker.export.gguf.GgufBytes.header;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.junit.jupiter.params.provider.Arguments.arguments;

import ai.cacheblend.worker.export.ExportException;
import ai.cacheblend.worker.export.ExportProgress;
import ai.cacheblend.worker.export.ExportRequest;
import ai.cacheblend.worker.export.Exporter;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Random;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;

final class GgufFileTest {

  private static final int Q4_0 = 2;
  private static final int MUTATIONS = Integer.getInteger("gguf.fuzz.count", 200);

  @TempDir Path folder;

  @Test
  void readsMetadataAndTensors() throws IOException {
    Path file =
        header(2, 2, 2)
            .key("general.alignment", 32)
            .string("k")
            .int32(6)
            .int32(Float.floatToRawIntBits(1e-6f))
            .tensor("a", Q4_0, 0, 64, 3)
            .tensor("b", 0, 128, 5)
            .data(128 + 20)
            .write(folder.resolve("x.gguf"));
    GgufFile gguf = GgufFile.open(file);
    assertThat(gguf.metadata().get("k").doubleValue()).isEqualTo(1e-6);
    assertThat(gguf.tensors()).containsOnlyKeys("a", "b");
    assertThat(gguf.tensors().get("a").shape()).containsExactly(3L, 64L);
    assertThat(gguf.tensors().get("a").range().end() - gguf.tensors().get("a").range().start())
        .isEqualTo(3 * 2 * 18);
    assertThat(gguf.tensors().get("b").range().end()).isEqualTo(Files.size(file));
  }

  @Test
  void alignsTheDataAsTheFileSays() throws IOException {
    Path file =
        header(3, 2, 1)
            .key("general.alignment", 256)
            .tensor("a", 0, 0, 8)
            .tensor("b", 0, 256, 8)
            .data(256 + 32, 256)
            .write(folder.resolve("x.gguf"));
    GgufFile gguf = GgufFile.open(file);
    assertThat(gguf.tensors().get("a").range().start()).isEqualTo(256);
    assertThat(gguf.tensors().get("b").range().start()).isEqualTo(512);
    assertThat(gguf.tensors().get("b").range().end()).isEqualTo(Files.size(file));
  }

  static Stream<Arguments> hostile() {
    return Stream.of(
        arguments(header(1, 0, 0), "has GGUF version 1, expected 2 or 3"),
        arguments(header(0x03000000, 0, 0), "is a big-endian GGUF file"),
        arguments(
            header(3, -1, 0), "18446744073709551615 tensors at byte 8, 8 bytes before its end"),
        arguments(header(3, 1L << 40, 0), "1099511627776 tensors"),
        arguments(header(3, 0, 1L << 40), "1099511627776 metadata keys"),
        arguments(header(3, 1000, 0).data(64), "1000 tensors at byte 8"),
        arguments(
            header(3, 0, 1).string("k").int32(8).int64(1 << 20),
            "1048576 bytes of text at byte 37"),
        arguments(
            header(3, 0, 1).int64(Long.MAX_VALUE).int64(0), "9223372036854775807 bytes of text"),
        arguments(header(3, 0, 1).string("k").int32(77).int32(0), "metadata key k has type 77"),
        arguments(
            header(3, 0, 1).string("k").int32(9).int32(4).int64(1L << 33),
            "8589934592 elements of metadata key k"),
        arguments(
            header(3, 0, 1).string("k").int32(9).int32(9).int64(1).int32(4).int64(0),
            "an array of arrays at metadata key k"),
        arguments(header(3, 0, 2).key("k", 1).key("k", 1), "has the metadata key k twice"),
        arguments(header(3, 0, 1).key("general.alignment", 0), "general.alignment is 0"),
        arguments(header(3, 0, 1).key("general.alignment", 48), "general.alignment is 48"),
        arguments(header(3, 0, 2).key("k", 1), "truncated"),
        arguments(header(3, 1, 0).tensor("a", 0, 0).data(32), "tensor a has 0 dimensions"),
        arguments(header(3, 1, 0).tensor("a", 0, 0, 1, 1, 1, 1, 1).data(32), "has 5 dimensions"),
        arguments(
            header(3, 1, 0).tensor("a", 99, 0, 32).data(32), "tensor a of type 99, expected F32"),
        arguments(header(3, 1, 0).tensor("a", Q4_0, 0, 33).data(64), "type Q4_0 has shape [33]"),
        arguments(header(3, 1, 0).tensor("a", 0, 0, 0).data(32), "has shape [0]"),
        arguments(header(3, 1, 0).tensor("a", 0, 0, -4, 2).data(32), "has shape [2, -4]"),
        arguments(
            header(3, 1, 0).tensor("a", 0, 0, 1L << 32, 1L << 32).data(32),
            "has shape [4294967296, 4294967296]"),
        arguments(header(3, 1, 0).tensor("a", 0, 0, 8).data(28), "is truncated: tensor a ends at"),
        arguments(header(3, 1, 0).tensor("a", 0, 32, 8).data(64), "has offset 32, expected 0"),
        arguments(
            header(3, 2, 0).tensor("a", 0, 0, 8).tensor("b", 0, 16, 8).data(64),
            "tensor b has offset 16, expected 32"),
        arguments(
            header(3, 2, 0).tensor("a", 0, 0, 8).tensor("a", 0, 32, 8).data(64),
            "it has tensor a twice"));
  }

  @ParameterizedTest
  @MethodSource("hostile")
  void refusesHostileHeadersInOneLine(GgufBytes bytes, String message) throws IOException {
    Path file = bytes.write(folder.resolve("x.gguf"));
    assertThatThrownBy(() -> GgufFile.open(file))
        .isInstanceOf(ExportException.class)
        .hasMessageStartingWith(file.toString())
        .hasMessageContaining(message)
        .hasMessageNotContaining("\n");
  }

  @Test
  void refusesEveryTruncatedFile() throws IOException {
    byte[] whole = Files.readAllBytes(GgufExportTest.resource("qwen2.gguf"));
    for (int size = 0; size < whole.length - 32; size += 1 + whole.length / 61) {
      Path file = Files.write(folder.resolve("x.gguf"), Arrays.copyOf(whole, size));
      assertThatThrownBy(() -> GgufFile.open(file))
          .as("%s bytes", size)
          .isInstanceOf(ExportException.class);
    }
  }

  @Test
  void everyMutationIsExportedOrRefusedInOneLine() throws IOException {
    byte[] whole = Files.readAllBytes(GgufExportTest.resource("qwen2.gguf"));
    long headerBytes =
        GgufFile.open(GgufExportTest.resource("qwen2.gguf")).tensors().values().stream()
            .mapToLong(tensor -> tensor.range().start())
            .min()
            .orElseThrow();
    List<String> failures = new ArrayList<>();
    int refused = 0;
    for (int seed = 0; seed < MUTATIONS; seed++) {
      Random random = new Random(seed);
      byte[] bytes = whole.clone();
      for (int i = 0; i <= seed % 3; i++) {
        // Half of them in the keys and sizes before the tokenizer.
        int end = seed % 2 == 0 ? 700 : (int) headerBytes;
        bytes[random.nextInt(end)] = (byte) random.nextInt(256);
      }
      Path file = Files.write(folder.resolve("x.gguf"), bytes);
      try {
        var unused =
            new Exporter(ExportProgress.NONE)
                .export(ExportRequest.of(file, folder.resolve("model" + seed)));
      } catch (IOException e) {
        refused++;
        if (String.valueOf(e.getMessage()).contains("\n")) {
          failures.add("seed %d: %s".formatted(seed, e.getMessage()));
        }
      } catch (RuntimeException e) {
        failures.add("seed %d: %s %s".formatted(seed, e, e.getStackTrace()[0]));
      }
    }
    assertThat(failures).isEmpty();
    assertThat(refused).isBetween(MUTATIONS / 4, MUTATIONS - 1);
  }
}
