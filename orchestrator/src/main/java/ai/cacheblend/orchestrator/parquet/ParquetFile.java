package ai.cacheblend.orchestrator.parquet;

import static java.nio.charset.StandardCharsets.US_ASCII;

import com.fasterxml.jackson.databind.node.ObjectNode;
import java.io.EOFException;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.channels.FileChannel;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.function.Predicate;

/**
 * Reads rows of a Parquet file (<a href="https://parquet.apache.org/docs/file-format/">format</a>):
 * flat and nested columns in plain or dictionary encoding, data pages of both versions, compressed
 * with snappy, zstd, gzip, lz4_raw or not at all. Other encodings, INT96 and encryption are not
 * read. One row group at a time is in memory.
 */
public final class ParquetFile {
  private static final byte[] MAGIC = "PAR1".getBytes(US_ASCII);
  private static final int TAIL = MAGIC.length + Integer.BYTES;

  private ParquetFile() {}

  /**
   * Passes rows to {@code consumer} in order until it returns false.
   *
   * @throws ParquetException if the file is damaged or uses a feature that is not read
   */
  public static void read(Path file, Predicate<ObjectNode> consumer) throws IOException {
    try (FileChannel channel = FileChannel.open(file)) {
      CompactStruct footer = footer(channel);
      SchemaReader reader = new SchemaReader(footer.structs(2));
      SchemaNode root = reader.root();
      for (CompactStruct group : footer.structs(4)) {
        long rows = group.integer(3);
        RowAssembler assembler =
            new RowAssembler(root, columns(channel, reader.leaves(), group.structs(1)));
        for (long row = 0; row < rows; row++) {
          if (!consumer.test(assembler.next())) {
            return;
          }
        }
      }
    } catch (EOFException e) {
      throw new ParquetException("the file is truncated", e);
    }
  }

  /** The metadata at the end: its length and the magic bytes stand behind it. */
  private static CompactStruct footer(FileChannel channel) throws IOException {
    long size = channel.size();
    if (size < TAIL + MAGIC.length) {
      throw new ParquetException("the file is truncated");
    }
    ByteBuffer tail = bytes(channel, size - TAIL, TAIL);
    int length = tail.getInt();
    byte[] magic = new byte[MAGIC.length];
    tail.get(magic);
    if (!Arrays.equals(magic, MAGIC)) {
      throw new ParquetException(
          Arrays.equals(magic, "PARE".getBytes(US_ASCII))
              ? "the file is encrypted, which is not read"
              : "the file does not end as a Parquet file; it may be truncated");
    }
    if (length < 0 || length > size - TAIL - MAGIC.length) {
      throw new ParquetException("the footer has a length of " + length);
    }
    return new CompactReader(bytes(channel, size - TAIL - length, length)).read("the footer");
  }

  private static List<ColumnData> columns(
      FileChannel channel, List<SchemaNode> leaves, List<CompactStruct> chunks) throws IOException {
    if (chunks.size() != leaves.size()) {
      throw new ParquetException(
          "a row group has %d columns, the schema %d".formatted(chunks.size(), leaves.size()));
    }
    RowGroupLimits limits = new RowGroupLimits();
    List<ColumnData> columns = new ArrayList<>();
    for (int i = 0; i < leaves.size(); i++) {
      CompactStruct metadata = chunks.get(i).struct(3);
      long start = metadata.integer(9);
      if (metadata.has(11) && metadata.integer(11) > 0) {
        start = Math.min(start, metadata.integer(11));
      }
      Compression[] codecs = Compression.values();
      int codec = metadata.size(4);
      if (codec >= codecs.length) {
        throw new ParquetException("compression %d is unknown".formatted(codec));
      }
      columns.add(
          new ColumnReader(leaves.get(i), codecs[codec], metadata.integer(5), limits)
              .read(bytes(channel, start, metadata.size(7))));
    }
    return columns;
  }

  private static ByteBuffer bytes(FileChannel channel, long position, int count)
      throws IOException {
    if (position < 0 || count > channel.size() - position) {
      throw new ParquetException("the file is truncated");
    }
    ByteBuffer bytes = ByteBuffer.allocate(count).order(ByteOrder.LITTLE_ENDIAN);
    while (bytes.hasRemaining()) {
      if (channel.read(bytes, position + bytes.position()) < 0) {
        throw new EOFException();
      }
    }
    return bytes.flip();
  }
}
