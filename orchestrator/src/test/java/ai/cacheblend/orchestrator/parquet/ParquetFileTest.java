package ai.cacheblend.orchestrator.parquet;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.json.JsonMapper;
import com.google.common.io.Resources;
import java.io.IOException;
import java.net.URISyntaxException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.SplittableRandom;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** Files that pyarrow wrote, and the rows that it reads from them: {@code make_parquet.py}. */
class ParquetFileTest {
  private static final JsonMapper MAPPER = new JsonMapper();

  @TempDir Path folder;

  @ParameterizedTest
  @ValueSource(
      strings = {
        "none-v1-dictionary",
        "none-v2-plain",
        "snappy-v1-dictionary",
        "snappy-v1-plain",
        "snappy-v2-dictionary",
        "snappy-v2-plain",
        "zstd-v1-dictionary",
        "zstd-v2-plain",
        "gzip-v1-dictionary",
        "gzip-v2-plain",
        "lz4-v1-dictionary",
        "lz4-v2-plain"
      })
  void readsEveryCompressionPageVersionAndEncoding(String kind) throws IOException {
    assertThat(rows(path("all-" + kind + ".parquet"))).isEqualTo(expected("all.json"));
  }

  @ParameterizedTest
  @ValueSource(strings = {"hotpotqa", "musique", "2wikimqa", "samsum", "multi_news"})
  void readsWhatTheDatasetsLibraryWrites(String name) throws IOException {
    assertThat(rows(path(name + ".parquet"))).isEqualTo(expected(name + ".json"));
  }

  @Test
  void stopsWhenTheConsumerHasEnough() throws IOException {
    List<JsonNode> rows = new ArrayList<>();
    ParquetFile.read(path("all-snappy-v1-plain.parquet"), row -> rows.add(row) && rows.size() < 3);
    assertThat(rows).hasSize(3);
  }

  @ParameterizedTest
  @CsvSource({
    "delta.parquet, column number has the encoding 5",
    "brotli.parquet, compression BROTLI is not read; use snappy"
  })
  void namesWhatIsNotRead(String file, String message) {
    assertThatExceptionOfType(ParquetException.class)
        .isThrownBy(() -> rows(path(file)))
        .withMessageStartingWith(message);
  }

  @Test
  void truncatedFileIsNotRead() throws IOException {
    byte[] whole = Files.readAllBytes(path("samsum.parquet"));
    for (int length = 0; length < whole.length; length += length < whole.length - 20 ? 7 : 1) {
      Path file = Files.write(folder.resolve("part.parquet"), Arrays.copyOf(whole, length));
      assertThatExceptionOfType(ParquetException.class)
          .as("first %d bytes", length)
          .isThrownBy(() -> rows(file));
    }
  }

  /** Damage is an exception of this package, or goes unnoticed; nothing else is thrown. */
  @ParameterizedTest
  @ValueSource(strings = {"samsum", "hotpotqa", "all-zstd-v2-plain", "all-snappy-v1-dictionary"})
  void damagedFileThrowsOneKindOfException(String name) throws IOException {
    byte[] whole = Files.readAllBytes(path(name + ".parquet"));
    SplittableRandom random = new SplittableRandom(1);
    int refused = 0;
    for (int round = 0; round < 300; round++) {
      byte[] damaged = whole.clone();
      for (int change = random.nextInt(1, 4); change > 0; change--) {
        damaged[random.nextInt(damaged.length)] = (byte) random.nextInt(256);
      }
      Path file = Files.write(folder.resolve("damaged.parquet"), damaged);
      try {
        rows(file);
      } catch (ParquetException e) {
        assertThat(e.getMessage()).isNotBlank().doesNotContain("\n");
        refused++;
      }
    }
    assertThat(refused).isGreaterThan(20);
  }

  private static List<JsonNode> rows(Path file) throws IOException {
    List<JsonNode> rows = new ArrayList<>();
    ParquetFile.read(file, rows::add);
    // As expected values are: numbers of the least type.
    List<JsonNode> parsed = new ArrayList<>();
    for (JsonNode row : rows) {
      parsed.add(MAPPER.readTree(row.toString()));
    }
    return parsed;
  }

  private static List<JsonNode> expected(String name) throws IOException {
    List<JsonNode> rows = new ArrayList<>();
    MAPPER.readTree(path(name).toFile()).forEach(rows::add);
    return rows;
  }

  private static Path path(String name) {
    try {
      return Path.of(Resources.getResource("parquet/" + name).toURI());
    } catch (URISyntaxException e) {
      throw new AssertionError(e);
    }
  }
}
