package ai.cacheblend.worker.model;

import java.nio.ByteBuffer;
import java.security.MessageDigest;
import java.util.ArrayList;
import java.util.HexFormat;
import java.util.List;
import java.util.zip.CRC32C;

/** Computes the checksums of one block from its bytes, in order. */
public final class BlockDigest {

  private final String block;
  private final MessageDigest sha256 = Sha256.newDigest();
  private final CRC32C crc32c = new CRC32C();
  private final List<String> pieces = new ArrayList<>();
  private int pieceBytes;

  public BlockDigest(String block) {
    this.block = block;
  }

  /** Reads all remaining bytes; the position of the caller's buffer does not change. */
  public void update(ByteBuffer bytes) {
    sha256.update(bytes.duplicate());
    ByteBuffer rest = bytes.duplicate();
    while (rest.hasRemaining()) {
      int count = Math.min(rest.remaining(), WeightChecksums.PIECE_BYTES - pieceBytes);
      crc32c.update(rest.slice(rest.position(), count));
      rest.position(rest.position() + count);
      pieceBytes += count;
      if (pieceBytes == WeightChecksums.PIECE_BYTES) {
        endPiece();
      }
    }
  }

  /** The checksums; no bytes may follow. */
  public WeightChecksums finish() {
    if (pieceBytes > 0) {
      endPiece();
    }
    return new WeightChecksums(block, HexFormat.of().formatHex(sha256.digest()), pieces);
  }

  private void endPiece() {
    pieces.add(hex(crc32c));
    crc32c.reset();
    pieceBytes = 0;
  }

  static String hex(CRC32C checksum) {
    return HexFormat.of().toHexDigits((int) checksum.getValue());
  }
}
