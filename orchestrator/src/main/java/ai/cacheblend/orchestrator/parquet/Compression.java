package ai.cacheblend.orchestrator.parquet;

import io.airlift.compress.Decompressor;
import io.airlift.compress.MalformedInputException;
import io.airlift.compress.lz4.Lz4Decompressor;
import io.airlift.compress.snappy.SnappyDecompressor;
import io.airlift.compress.zstd.ZstdDecompressor;
import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.util.zip.GZIPInputStream;

/** Page compression, in the order of the format's numbers. */
enum Compression {
  UNCOMPRESSED,
  SNAPPY,
  GZIP,
  LZO,
  BROTLI,
  LZ4,
  ZSTD,
  LZ4_RAW;

  /**
   * The bytes that {@code data} was compressed from.
   *
   * @param size of the result, as the page header has it
   */
  byte[] decompress(byte[] data, int size) throws ParquetException {
    byte[] result =
        switch (this) {
          case UNCOMPRESSED -> data;
          case GZIP -> gunzip(data, size);
          case SNAPPY -> decompress(new SnappyDecompressor(), data, size);
          case ZSTD -> decompress(new ZstdDecompressor(), data, size);
          case LZ4_RAW -> decompress(new Lz4Decompressor(), data, size);
          case LZO, BROTLI, LZ4 ->
              throw new ParquetException(
                  "compression %s is not read; use snappy, zstd, gzip or lz4_raw".formatted(this));
        };
    if (result.length != size) {
      throw new ParquetException(
          "a page has %d bytes where its header says %d".formatted(result.length, size));
    }
    return result;
  }

  private byte[] decompress(Decompressor decompressor, byte[] data, int size)
      throws ParquetException {
    byte[] result = new byte[size];
    try {
      int length = decompressor.decompress(data, 0, data.length, result, 0, size);
      if (length != size) {
        throw new ParquetException(
            "a page has %d bytes where its header says %d".formatted(length, size));
      }
      return result;
    } catch (MalformedInputException | IndexOutOfBoundsException | IllegalArgumentException e) {
      throw new ParquetException("a page is not valid " + this + " data", e);
    }
  }

  private static byte[] gunzip(byte[] data, int size) throws ParquetException {
    try (InputStream in = new GZIPInputStream(new ByteArrayInputStream(data))) {
      // One more than expected, so that a longer page is noticed.
      return in.readNBytes(size + 1);
    } catch (IOException e) {
      throw new ParquetException("a page is not valid GZIP data", e);
    }
  }
}
