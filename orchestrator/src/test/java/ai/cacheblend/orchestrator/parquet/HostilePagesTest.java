package ai.cacheblend.orchestrator.parquet;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;

import java.io.ByteArrayOutputStream;
import java.nio.ByteBuffer;
import java.util.Arrays;
import java.util.List;
import org.assertj.core.api.ThrowableAssert.ThrowingCallable;
import org.junit.jupiter.api.Test;

/** Small files that describe large ones. */
class HostilePagesTest {
  private static final int PLAIN = 0;
  private static final int RLE_DICTIONARY = 8;
  private static final SchemaNode COLUMN =
      new SchemaNode(
          "c", SchemaNode.Repetition.REQUIRED, 0, 0, false, 0, PhysicalType.INT32, 0, List.of());

  @Test
  void readsAPageThatIsAsItSays() throws ParquetException {
    ColumnData data = read(2, page(2, PLAIN, 7, 0, 0, 0, 8, 0, 0, 0));
    assertThat(data.value().intValue()).isEqualTo(7);
    assertThat(data.value().intValue()).isEqualTo(8);
    assertThat(data.atEnd()).isTrue();
  }

  /** A dictionary with one entry needs no bits per index, so a page can have any length. */
  @Test
  void aRowGroupHasALimitedNumberOfValues() {
    byte[] entry = page(2, new int[] {7, 1, PLAIN}, 7, 0, 0, 0);
    refuses(
        "a row group has more than 67108864 values",
        () -> read(1L << 40, entry, page(1 << 27, RLE_DICTIONARY, 0)));
    refuses(
        "a row group has more than 67108864 values",
        () -> read(1L << 40, page(Integer.MAX_VALUE, PLAIN)));
  }

  @Test
  void aRowGroupHasALimitedSize() throws ParquetException {
    RowGroupLimits limits = new RowGroupLimits();
    for (int i = 0; i < 4; i++) {
      limits.addBytes(1 << 29);
    }
    refuses("a row group has more than 2147483648 bytes", () -> limits.addBytes(1));
    refuses("a page has 536870913 bytes", () -> new RowGroupLimits().addBytes((1 << 29) + 1));
  }

  @Test
  void pagesHaveAsManyValuesAsTheColumn() {
    refuses(
        "a page of column c is too long", () -> read(1, page(2, PLAIN, 7, 0, 0, 0, 8, 0, 0, 0)));
  }

  @Test
  void indicesAreNotMadeUp() {
    byte[] entry = page(2, new int[] {7, 1, PLAIN}, 7, 0, 0, 0);
    refuses("a page of column c is truncated", () -> read(2, entry, page(2, RLE_DICTIONARY)));
  }

  @Test
  void listsAreNestedToALimitedDepth() {
    byte[] lists = new byte[100_000];
    Arrays.fill(lists, (byte) 0x19); // a field, and then elements: each a list of one list
    refuses(
        "the footer is nested too deeply",
        () -> new CompactReader(ByteBuffer.wrap(lists)).read("the footer"));
  }

  private static void refuses(String message, ThrowingCallable call) {
    assertThatExceptionOfType(ParquetException.class)
        .isThrownBy(call)
        .withMessageStartingWith(message);
  }

  private static ColumnData read(long valueCount, byte[]... pages) throws ParquetException {
    ByteArrayOutputStream chunk = new ByteArrayOutputStream();
    for (byte[] page : pages) {
      chunk.writeBytes(page);
    }
    return new ColumnReader(COLUMN, Compression.UNCOMPRESSED, valueCount, new RowGroupLimits())
        .read(ByteBuffer.wrap(chunk.toByteArray()));
  }

  private static byte[] page(int count, int encoding, int... data) {
    return page(0, new int[] {5, count, encoding}, data);
  }

  /**
   * A page with its header in Thrift's compact protocol.
   *
   * @param header id of the field with the page's own header, number of values, encoding
   */
  private static byte[] page(int type, int[] header, int... data) {
    ByteArrayOutputStream out = new ByteArrayOutputStream();
    number(out, type);
    number(out, data.length);
    number(out, data.length);
    out.write(((header[0] - 3) << 4) | 12);
    number(out, header[1]);
    number(out, header[2]);
    out.write(0);
    out.write(0);
    for (int value : data) {
      out.write(value);
    }
    return out.toByteArray();
  }

  /** The field with the next id. */
  private static void number(ByteArrayOutputStream out, int value) {
    out.write((1 << 4) | 5);
    long zigZag = 2L * value;
    for (; zigZag > 0x7f; zigZag >>>= 7) {
      out.write((int) ((zigZag & 0x7f) | 0x80));
    }
    out.write((int) zigZag);
  }
}
