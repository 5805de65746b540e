package ai.cacheblend.metrics;

import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStream;
import java.io.InputStreamReader;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.Objects;
import java.util.zip.GZIPInputStream;

/** The tab-separated golden files next to the tests; their README says what made them. */
final class Golden {

  private Golden() {}

  static List<String[]> rows(String fileName) {
    try (InputStream file =
            Objects.requireNonNull(Golden.class.getResourceAsStream(fileName), fileName);
        InputStream plain = fileName.endsWith(".gz") ? new GZIPInputStream(file) : file;
        BufferedReader reader =
            new BufferedReader(new InputStreamReader(plain, StandardCharsets.UTF_8))) {
      return reader.lines().map(line -> line.split("\t", -1)).toList();
    } catch (IOException e) {
      throw new UncheckedIOException(fileName, e);
    }
  }
}
