package ai.cacheblend.worker.kv;

import static com.google.common.base.Preconditions.checkArgument;

import java.util.Arrays;

/**
 * Keys of the full blocks of a prompt, from its first block on. A key stands for the tokens of its
 * block, all tokens before it, and the model: blocks with equal keys hold the same KV.
 */
public final class BlockKeys {
  /** Bytes of a key: SHA-256. */
  public static final int KEY_BYTES = 32;

  public static final BlockKeys NONE = new BlockKeys(new byte[0]);

  private final byte[] bytes;

  private BlockKeys(byte[] bytes) {
    this.bytes = bytes;
  }

  /** Keys one after the other; the array is copied. */
  public static BlockKeys copyOf(byte[] bytes) {
    checkArgument(
        bytes.length % KEY_BYTES == 0,
        "%s bytes are not keys of %s bytes",
        bytes.length,
        KEY_BYTES);
    return new BlockKeys(bytes.clone());
  }

  public int count() {
    return bytes.length / KEY_BYTES;
  }

  /** The keys of the first blocks. */
  public BlockKeys first(int count) {
    checkArgument(count >= 0 && count <= count(), "%s of %s keys", count, count());
    return count == count() ? this : new BlockKeys(Arrays.copyOf(bytes, count * KEY_BYTES));
  }

  public byte[] toBytes() {
    return bytes.clone();
  }
}
