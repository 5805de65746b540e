package ai.cacheblend.orchestrator.dataset;

import com.google.common.hash.Hashing;
import com.google.common.io.ByteSource;
import com.google.common.io.MoreFiles;
import com.google.common.io.Resources;
import java.io.FilterInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.Optional;
import java.util.function.Predicate;
import java.util.zip.ZipEntry;
import java.util.zip.ZipFile;

/**
 * The bytes of a data set: a file, an entry of a ZIP file, or a resource.
 *
 * @param name for messages and results
 * @param path of a file on its own, where columns of a Parquet file are read at their positions
 */
record DataFile(String name, ByteSource bytes, Optional<Path> path) implements DataSource {
  private static final int HEAD_BYTES = 4096;

  static DataFile of(Path path) {
    return new DataFile(path.toString(), MoreFiles.asByteSource(path), Optional.of(path));
  }

  static DataFile embedded(String name) {
    String resource = "datasets/" + name + ".json";
    return new DataFile(
        name + " (embedded)",
        Resources.asByteSource(Resources.getResource(resource)),
        Optional.empty());
  }

  static DataFile zipEntry(Path zip, String entry) {
    return new DataFile(
        zip + "!" + entry,
        new ByteSource() {
          @Override
          public InputStream openStream() throws IOException {
            return openZipEntry(zip, entry);
          }
        },
        Optional.empty());
  }

  private static InputStream openZipEntry(Path zip, String entryName) throws IOException {
    ZipFile file = new ZipFile(zip.toFile());
    ZipEntry entry = file.getEntry(entryName);
    if (entry == null) {
      file.close();
      throw new IOException("the archive has no entry " + entryName);
    }
    return new FilterInputStream(file.getInputStream(entry)) {
      @Override
      public void close() throws IOException {
        try (file) {
          super.close();
        }
      }
    };
  }

  @Override
  public String sha256() {
    try {
      return bytes.hash(Hashing.sha256()).toString();
    } catch (IOException e) {
      throw unreadable(e);
    }
  }

  @Override
  public void readRecords(Predicate<DataRecord> consumer) {
    try {
      byte[] head = head();
      if (startsWith(head, "PAR1") && path.isPresent()) {
        ParquetRecords.read(path.get(), consumer);
        return;
      }
      refuseUnreadable(head);
      if (looksLikeJson(head)) {
        JsonRecords.read(this, consumer);
      } else {
        CsvRecords.read(this, consumer);
      }
    } catch (IOException e) {
      throw unreadable(e);
    }
  }

  private byte[] head() throws IOException {
    try (InputStream in = bytes.openBufferedStream()) {
      return in.readNBytes(HEAD_BYTES);
    }
  }

  private static boolean looksLikeJson(byte[] head) {
    String text = new String(head, StandardCharsets.UTF_8).replace("\uFEFF", "").stripLeading();
    return text.startsWith("{") || text.startsWith("[");
  }

  private void refuseUnreadable(byte[] head) {
    if (new String(head, StandardCharsets.UTF_8).isBlank()) {
      throw new DatasetException(
          "Data file %s is empty; pass a Parquet, JSON, JSONL or CSV file".formatted(name));
    }
    unreadableKind(head)
        .ifPresent(
            remedy -> {
              throw new DatasetException("Data file %s is %s".formatted(name, remedy));
            });
  }

  private Optional<String> unreadableKind(byte[] head) {
    if (startsWith(head, "PAR1") || name.endsWith(".parquet")) {
      return Optional.of(
          path.isEmpty()
              ? "a Parquet file in an archive; unpack it and pass the file inside"
              : "not a Parquet file, despite its name; download it again");
    }
    if (startsWith(head, "ARROW1") || name.endsWith(".arrow")) {
      return Optional.of(
          "an Arrow file, which is not read; convert it with: python3 -c \"import datasets;"
              + " datasets.Dataset.from_file('FILE').to_json('FILE.jsonl')\"");
    }
    if (startsWith(head, "PK\u0003\u0004")) {
      return Optional.of("a ZIP archive; unpack it and pass the file inside");
    }
    if (startsWith(head, "7z")) {
      return Optional.of("a 7z archive, which is not read; unpack it and pass the file inside");
    }
    boolean gzip = head.length > 1 && (head[0] & 0xff) == 0x1f && (head[1] & 0xff) == 0x8b;
    return gzip ? Optional.of("compressed with gzip; unpack it first") : Optional.empty();
  }

  private static boolean startsWith(byte[] head, String magic) {
    byte[] expected = magic.getBytes(StandardCharsets.ISO_8859_1);
    return Arrays.equals(
        head, 0, Math.min(head.length, expected.length), expected, 0, expected.length);
  }

  private DatasetException unreadable(IOException e) {
    return new DatasetException(
        "Data file %s cannot be read: %s".formatted(name, OneLine.of(e)), e);
  }
}
