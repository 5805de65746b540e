package ai.cacheblend.worker.chunks.format;

import java.nio.ByteBuffer;
import java.util.zip.CRC32C;

/** CRC-32C (Castagnoli), which current processors compute at memory speed. */
public final class Checksum {
  private Checksum() {}

  /** Of the remaining bytes; leaves the buffer's position unchanged. */
  public static int of(ByteBuffer bytes) {
    CRC32C crc = new CRC32C();
    crc.update(bytes.duplicate());
    return (int) crc.getValue();
  }

  /** Eight lower-case digits, so that each text stands for one number and reverse. */
  static String hex(int checksum) {
    return "%08x".formatted(checksum);
  }
}
