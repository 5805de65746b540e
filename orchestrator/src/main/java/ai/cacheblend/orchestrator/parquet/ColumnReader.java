package ai.cacheblend.orchestrator.parquet;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.BooleanNode;
import com.google.common.primitives.Ints;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;

/** Reads the pages of a column in one row group. For a single use. */
final class ColumnReader {
  private static final int DATA_PAGE = 0;
  private static final int DICTIONARY_PAGE = 2;
  private static final int DATA_PAGE_V2 = 3;
  private static final int PLAIN = 0;
  private static final int PLAIN_DICTIONARY = 2;
  private static final int RLE = 3;
  private static final int RLE_DICTIONARY = 8;

  private final SchemaNode column;
  private final Compression compression;
  private final long valueCount;
  private final RowGroupLimits limits;
  private final List<int[]> repetitions = new ArrayList<>();
  private final List<int[]> definitions = new ArrayList<>();
  private final List<JsonNode> values = new ArrayList<>();
  private JsonNode[] dictionary = {};

  /**
   * @param valueCount positions of the column, nulls included
   * @param limits of all columns of the row group
   */
  ColumnReader(SchemaNode column, Compression compression, long valueCount, RowGroupLimits limits) {
    this.column = column;
    this.compression = compression;
    this.valueCount = valueCount;
    this.limits = limits;
  }

  ColumnData read(ByteBuffer chunk) throws ParquetException {
    long read = 0;
    while (read < valueCount) {
      CompactStruct header = new CompactReader(chunk).read("a page header");
      int size = header.size(3);
      if (size > chunk.remaining()) {
        throw new ParquetException("a page of column %s is truncated".formatted(column.name()));
      }
      byte[] data = new byte[size];
      chunk.get(data);
      switch (header.size(1)) {
        case DATA_PAGE -> read += dataPage(header.struct(5), decompress(data, header.size(2)));
        case DICTIONARY_PAGE -> dictionaryPage(header, data);
        case DATA_PAGE_V2 -> read += dataPageV2(header, data);
        default -> {} // Index pages.
      }
    }
    if (read > valueCount) {
      throw new ParquetException("a page of column %s is too long".formatted(column.name()));
    }
    return new ColumnData(
        column,
        Ints.concat(repetitions.toArray(int[][]::new)),
        Ints.concat(definitions.toArray(int[][]::new)),
        values.toArray(JsonNode[]::new));
  }

  private void dictionaryPage(CompactStruct header, byte[] data) throws ParquetException {
    int count = header.struct(7).size(1);
    ByteBuffer in = decompress(data, header.size(2));
    requirePlausible(count, in);
    dictionary = PlainDecoder.read(in, column, count);
  }

  /** Levels with their length in front, then values, compressed as a whole. */
  private int dataPage(CompactStruct header, ByteBuffer in) throws ParquetException {
    int count = header.size(1);
    limits.addPositions(count);
    repetitions.add(levels(in, column.maxRepetition(), count));
    definitions.add(levels(in, column.maxDefinition(), count));
    values(in, header.size(2));
    return count;
  }

  /** Levels without compression, their lengths in the header; then values. */
  private int dataPageV2(CompactStruct page, byte[] data) throws ParquetException {
    CompactStruct header = page.struct(8);
    int count = header.size(1);
    limits.addPositions(count);
    int definitionBytes = header.size(5);
    int repetitionBytes = header.size(6);
    int levelBytes = definitionBytes + repetitionBytes;
    if (levelBytes < 0 || levelBytes > data.length) {
      throw new ParquetException("levels of column %s are truncated".formatted(column.name()));
    }
    repetitions.add(
        levels(ByteBuffer.wrap(data, 0, repetitionBytes), column.maxRepetition(), count, true));
    definitions.add(
        levels(
            ByteBuffer.wrap(data, repetitionBytes, definitionBytes),
            column.maxDefinition(),
            count,
            true));
    byte[] rest = Arrays.copyOfRange(data, levelBytes, data.length);
    boolean compressed = header.bool(7, true) && rest.length > 0;
    values(
        compressed ? decompress(rest, page.size(2) - levelBytes) : littleEndian(rest),
        header.size(4));
    return count;
  }

  private int[] levels(ByteBuffer in, int max, int count) throws ParquetException {
    if (max == 0) {
      return new int[count];
    }
    int size = in.remaining() < Integer.BYTES ? -1 : in.getInt();
    if (size < 0 || size > in.remaining()) {
      throw new ParquetException("levels of column %s are truncated".formatted(column.name()));
    }
    int[] levels = levels(in.slice(in.position(), size), max, count, false);
    in.position(in.position() + size);
    return levels;
  }

  private int[] levels(ByteBuffer in, int max, int count, boolean mayBeEmpty)
      throws ParquetException {
    return max == 0 || (mayBeEmpty && count == 0)
        ? new int[count]
        : HybridDecoder.read(in, Integer.SIZE - Integer.numberOfLeadingZeros(max), count);
  }

  /** The values of the positions of the last page that have one. */
  private void values(ByteBuffer in, int encoding) throws ParquetException {
    int count = 0;
    for (int definition : definitions.get(definitions.size() - 1)) {
      count += definition == column.maxDefinition() ? 1 : 0;
    }
    switch (encoding) {
      case PLAIN -> {
        requirePlausible(count, in);
        values.addAll(Arrays.asList(PlainDecoder.read(in, column, count)));
      }
      case PLAIN_DICTIONARY, RLE_DICTIONARY -> indexed(in, count);
      case RLE -> booleans(in, count);
      default ->
          throw new ParquetException(
              "column %s has the encoding %d, which is not read; write it with plain or dictionary encoding"
                  .formatted(column.name(), encoding));
    }
  }

  private void indexed(ByteBuffer in, int count) throws ParquetException {
    if (count > 0 && !in.hasRemaining()) {
      throw new ParquetException("a page of column %s is truncated".formatted(column.name()));
    }
    int[] indices = count == 0 ? new int[0] : HybridDecoder.read(in, in.get() & 0xff, count);
    for (int index : indices) {
      if (index < 0 || index >= dictionary.length) {
        throw new ParquetException(
            "column %s refers to entry %d of a dictionary of %d"
                .formatted(column.name(), index, dictionary.length));
      }
      values.add(dictionary[index]);
    }
  }

  private void booleans(ByteBuffer in, int count) throws ParquetException {
    if (column.type() != PhysicalType.BOOLEAN || in.remaining() < Integer.BYTES) {
      throw new ParquetException("column %s has wrong run lengths".formatted(column.name()));
    }
    in.getInt();
    for (int value : HybridDecoder.read(in, 1, count)) {
      values.add(BooleanNode.valueOf(value == 1));
    }
  }

  /** Every value takes a bit or more, so that a damaged count allocates no memory. */
  private void requirePlausible(int count, ByteBuffer in) throws ParquetException {
    if (count > in.remaining() * 8L) {
      throw new ParquetException("a page of column %s is truncated".formatted(column.name()));
    }
  }

  private ByteBuffer decompress(byte[] data, int size) throws ParquetException {
    if (size < 0) {
      throw new ParquetException("levels of column %s are truncated".formatted(column.name()));
    }
    limits.addBytes(size);
    return littleEndian(compression.decompress(data, size));
  }

  private static ByteBuffer littleEndian(byte[] data) {
    return ByteBuffer.wrap(data).order(ByteOrder.LITTLE_ENDIAN);
  }
}
