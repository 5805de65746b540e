package ai.cacheblend.worker.export.weights;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import ai.cacheblend.worker.export.CheckpointFixture;
import ai.cacheblend.worker.export.ExportException;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

final class SafetensorsFileTest {

  private static final String TWO_TENSORS =
      """
      {"a":{"dtype":"F32","shape":[2,3],"data_offsets":[0,24]},\
      "b":{"dtype":"BF16","shape":[4],"data_offsets":[24,32]}}\
      """;

  @TempDir Path folder;

  private Path file(String header, int bodyBytes) throws IOException {
    return Files.write(
        folder.resolve("x.safetensors"),
        CheckpointFixture.safetensors(header, new byte[bodyBytes]));
  }

  @Test
  void readsTensorOffsets() throws IOException {
    SafetensorsFile file = SafetensorsFile.open(file(TWO_TENSORS, 32));
    long data = 8L + TWO_TENSORS.length();
    assertThat(file.tensors().get("a"))
        .isEqualTo(
            new SafetensorsTensor(
                new FileRange(file.path(), "a", data, data + 24), "F32", List.of(2L, 3L)));
    assertThat(file.tensors().get("b"))
        .isEqualTo(
            new SafetensorsTensor(
                new FileRange(file.path(), "b", data + 24, data + 32), "BF16", List.of(4L)));
  }

  @Test
  void namesTheTensorAtWhichATruncatedFileEnds() throws IOException {
    assertThatThrownBy(() -> SafetensorsFile.open(file(TWO_TENSORS, 31)))
        .isInstanceOf(ExportException.class)
        .hasMessage(
            "%s is truncated: tensor b ends at byte %d, the file has %d bytes",
            folder.resolve("x.safetensors"),
            8 + TWO_TENSORS.length() + 32,
            8 + TWO_TENSORS.length() + 31);
  }

  @Test
  void refusesEveryShorterFile() throws IOException {
    byte[] whole = Files.readAllBytes(file(TWO_TENSORS, 32));
    for (int size = 0; size < whole.length; size++) {
      Path path = Files.write(folder.resolve("short"), Arrays.copyOf(whole, size));
      assertThatThrownBy(() -> SafetensorsFile.open(path))
          .isInstanceOf(ExportException.class)
          .hasMessageContaining("truncated");
    }
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      value = {
        "{\"a\":{\"dtype\":\"F32\",\"shape\":[2],\"data_offsets\":[0,8]},"
            + "\"b\":{\"dtype\":\"F32\",\"shape\":[2],\"data_offsets\":[4,12]}} | 12"
            + " | tensor b starts at byte 120, expected 124 (it overlaps the tensor before it)",
        "{\"a\":{\"dtype\":\"F32\",\"shape\":[2],\"data_offsets\":[4,12]}} | 12"
            + " | tensor a starts at byte 67, expected 63 (there is a gap before it)",
        "{\"a\":{\"dtype\":\"F32\",\"shape\":[2],\"data_offsets\":[0,8]}} | 9"
            + " | it has 71 bytes, expected 70",
        "{\"a\":{\"dtype\":\"F32\",\"shape\":[3],\"data_offsets\":[0,8]}} | 8"
            + " | tensor a (F32 [3]) has 8 bytes, expected 12",
        "{\"a\":{\"dtype\":\"F32\",\"shape\":[4294967296,4294967296],\"data_offsets\":[0,0]}} | 0"
            + " | tensor a (F32 [4294967296, 4294967296]) has 0 bytes",
        "{\"a\":{\"dtype\":\"F32\",\"shape\":[2],\"data_offsets\":[8,0]}} | 8"
            + " | tensor a has data_offsets [8, 0]",
        "{\"a\":{\"dtype\":\"F32\",\"shape\":[-2],\"data_offsets\":[0,8]}} | 8"
            + " | tensor a is described by",
        "{\"a\":{\"dtype\":\"F32\",\"data_offsets\":[0,8]}} | 8 | tensor a is described by",
        "{\"a\":7} | 0 | tensor a is described by 7",
        "{\"a\":{},\"a\":{}} | 0 | Duplicate",
        "{\"a\\nb\":{},\"a\\nb\":{}} | 0 | Duplicate",
        "{\"a\\nb\":7} | 0 | tensor a\\u000ab is described by 7",
        "[] | 0 | not a JSON object",
        "{\"a\" | 0 | is not JSON",
      })
  void refusesACorruptHeader(String header, int bodyBytes, String message) throws IOException {
    assertThatThrownBy(() -> SafetensorsFile.open(file(header, bodyBytes)))
        .isInstanceOf(ExportException.class)
        .hasMessageContaining("x.safetensors is corrupt")
        .hasMessageContaining(message)
        .hasMessageNotContaining("\n");
  }

  @Test
  void refusesAnImpossibleHeaderLength() throws IOException {
    byte[] bytes = new byte[64];
    Arrays.fill(bytes, (byte) 0xff);
    Path path = Files.write(folder.resolve("x"), bytes);
    assertThatThrownBy(() -> SafetensorsFile.open(path))
        .hasMessage(
            path
                + " is not a safetensors file: header length 18446744073709551615,"
                + " expected 2 to 100000000");
  }
}
