package ai.cacheblend.worker.chunks.format;

import static com.google.common.base.Preconditions.checkArgument;

import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import java.util.Optional;

/**
 * Header of a chunk's value in the safetensors form: the size of the JSON as a 64-bit little-endian
 * number, then the JSON, padded with spaces so that the layers begin at a multiple of 4 KiB. The
 * JSON has a CRC-32C of each layer, and one of the header itself, computed with zeros as its
 * digits.
 */
public final class ChunkHeader implements HeaderResult {
  /** The size of the JSON is in the first bytes. */
  public static final int SIZE_BYTES = Long.BYTES;

  private static final int ALIGNMENT = 4096;

  /** 126 layers with scales need 60 KB. */
  private static final int MAX_JSON_BYTES = 16 << 20;

  private static final byte[] CHECKSUM_FIELD =
      ("\"" + HeaderJson.HEADER_CHECKSUM + "\":\"").getBytes(StandardCharsets.US_ASCII);

  private final ChunkLayout layout;
  private final int byteCount;
  private final int[] layerChecksums;

  private ChunkHeader(ChunkLayout layout, int byteCount, int[] layerChecksums) {
    this.layout = layout;
    this.byteCount = byteCount;
    this.layerChecksums = layerChecksums;
  }

  /**
   * The header of a chunk whose layers have these checksums. Its size depends on the chunk only.
   */
  public static byte[] encode(ChunkDescription chunk, int[] layerChecksums) {
    checkArgument(
        layerChecksums.length == chunk.form().layerCount(),
        "%s checksums for %s layers",
        layerChecksums.length,
        chunk.form().layerCount());
    byte[] json = HeaderJson.write(chunk, ChunkLayout.of(chunk), layerChecksums);
    int byteCount = (SIZE_BYTES + json.length + ALIGNMENT - 1) / ALIGNMENT * ALIGNMENT;
    ByteBuffer header = ByteBuffer.allocate(byteCount).order(ByteOrder.LITTLE_ENDIAN);
    header.putLong(byteCount - SIZE_BYTES).put(json);
    while (header.hasRemaining()) {
      header.put((byte) ' ');
    }
    int digits = checksumOffset(header.array());
    String checksum = Checksum.hex(Checksum.of(header.flip()));
    header.put(digits, checksum.getBytes(StandardCharsets.US_ASCII));
    return header.array();
  }

  /** Bytes that {@link #encode} gives for this chunk. */
  public static int encodedByteCount(ChunkDescription chunk) {
    return encode(chunk, new int[chunk.form().layerCount()]).length;
  }

  /**
   * Bytes of the header that begins in this buffer.
   *
   * @param start at least {@link #SIZE_BYTES} bytes; its position does not change
   * @return empty if no header has this size
   */
  public static Optional<Integer> byteCount(ByteBuffer start) {
    if (start.remaining() < SIZE_BYTES) {
      return Optional.empty();
    }
    long jsonBytes = start.duplicate().order(ByteOrder.LITTLE_ENDIAN).getLong();
    return jsonBytes < 2 || jsonBytes > MAX_JSON_BYTES
        ? Optional.empty()
        : Optional.of(SIZE_BYTES + (int) jsonBytes);
  }

  /**
   * Verifies a header.
   *
   * @param start of the value, the whole header at least; its position does not change
   */
  public static HeaderResult decode(ByteBuffer start, ChunkDescription expected) {
    Optional<Integer> byteCount = byteCount(start);
    if (byteCount.isEmpty() || byteCount.get() > start.remaining()) {
      return Rejection.corrupt("the header does not end within %d bytes", start.remaining());
    }
    byte[] header = new byte[byteCount.get()];
    start.duplicate().get(header);
    Optional<Rejection> corrupt = verifyChecksum(header);
    if (corrupt.isPresent()) {
      return corrupt.get();
    }
    ChunkLayout layout = ChunkLayout.of(expected);
    int[] layerChecksums = new int[layout.layerCount()];
    byte[] json = new byte[header.length - SIZE_BYTES];
    System.arraycopy(header, SIZE_BYTES, json, 0, json.length);
    Optional<Rejection> foreign = HeaderJson.read(json, expected, layout, layerChecksums);
    return foreign.isPresent()
        ? foreign.get()
        : new ChunkHeader(layout, header.length, layerChecksums);
  }

  public ChunkLayout layout() {
    return layout;
  }

  /** Offset of the first layer. */
  public int byteCount() {
    return byteCount;
  }

  /** Checks the size of the whole value. */
  public Optional<Rejection> checkValueSize(long valueByteCount) {
    long expected = byteCount + layout.dataByteCount();
    return valueByteCount == expected
        ? Optional.empty()
        : Optional.of(
            Rejection.corrupt("the value has %d bytes, expected %d", valueByteCount, expected));
  }

  /** Checks the bytes of a layer; the buffer's position does not change. */
  public Optional<Rejection> checkLayer(int layer, ByteBuffer bytes) {
    return checkLayer(layer, bytes.remaining(), Checksum.of(bytes));
  }

  /**
   * Checks a layer.
   *
   * @param byteCount 0 if it is absent
   */
  public Optional<Rejection> checkLayer(int layer, int byteCount, int checksum) {
    if (byteCount != layout.layerByteCount()) {
      return Optional.of(Rejection.wrongSize(layer, byteCount, layout.layerByteCount()));
    }
    return checksum == layerChecksums[layer]
        ? Optional.empty()
        : Optional.of(Rejection.corrupt("layer %d does not match its checksum", layer));
  }

  private static Optional<Rejection> verifyChecksum(byte[] header) {
    int digits = checksumOffset(header);
    if (digits < 0) {
      return Optional.of(
          Rejection.corrupt("the header does not have one %s", HeaderJson.HEADER_CHECKSUM));
    }
    byte[] zeros = HeaderJson.NO_CHECKSUM.getBytes(StandardCharsets.US_ASCII);
    String stated = new String(header, digits, zeros.length, StandardCharsets.ISO_8859_1);
    byte[] zeroed = header.clone();
    System.arraycopy(zeros, 0, zeroed, digits, zeros.length);
    return Checksum.hex(Checksum.of(ByteBuffer.wrap(zeroed))).equals(stated)
        ? Optional.empty()
        : Optional.of(Rejection.corrupt("the header does not match its checksum"));
  }

  /** Where the digits of the header's checksum begin; −1 unless there is exactly one such field. */
  private static int checksumOffset(byte[] header) {
    int found = -1;
    int last = header.length - CHECKSUM_FIELD.length - HeaderJson.NO_CHECKSUM.length();
    for (int i = SIZE_BYTES; i <= last; i++) {
      if (matches(header, i)) {
        if (found >= 0) {
          return -1;
        }
        found = i + CHECKSUM_FIELD.length;
      }
    }
    return found;
  }

  private static boolean matches(byte[] header, int offset) {
    for (int i = 0; i < CHECKSUM_FIELD.length; i++) {
      if (header[offset + i] != CHECKSUM_FIELD[i]) {
        return false;
      }
    }
    return true;
  }
}
