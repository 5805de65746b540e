package ai.cacheblend.worker.chunks;

import static com.google.common.base.Preconditions.checkArgument;
import static java.nio.charset.StandardCharsets.UTF_8;

import ai.cacheblend.worker.kv.BlockKeys;
import com.google.common.hash.Hashing;
import com.google.common.primitives.ImmutableIntArray;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;

/**
 * Keys of the blocks of a prompt, as a chain: the key of a block is the SHA-256 of the key before
 * it and of the tokens of the block. The chain starts with a hash of the model's fingerprint
 * (configuration, RoPE parameters and weights), dtype and format version. So a key stands for all
 * tokens up to the end of its block, as in vLLM's automatic prefix caching.
 */
public final class PrefixKeys {
  private static final int FORMAT_VERSION = 1;

  private final byte[] root;
  private final int blockTokenCount;

  public PrefixKeys(String fingerprint, String dtype, int blockTokenCount) {
    checkArgument(blockTokenCount >= 1, "blockTokenCount is %s", blockTokenCount);
    this.blockTokenCount = blockTokenCount;
    this.root =
        Hashing.sha256()
            .newHasher()
            .putInt(FORMAT_VERSION)
            .putInt(fingerprint.length())
            .putString(fingerprint, UTF_8)
            .putString(dtype, UTF_8)
            .hash()
            .asBytes();
  }

  /** Blocks that this many tokens fill. */
  public int fullBlockCount(int tokenCount) {
    return tokenCount / blockTokenCount;
  }

  /** One key for each full block; tokens behind the last full block have none. */
  public BlockKeys of(ImmutableIntArray tokenIds) {
    int count = fullBlockCount(tokenIds.length());
    byte[] keys = new byte[count * BlockKeys.KEY_BYTES];
    ByteBuffer link =
        ByteBuffer.allocate(BlockKeys.KEY_BYTES + blockTokenCount * Integer.BYTES)
            .order(ByteOrder.LITTLE_ENDIAN);
    byte[] key = root;
    for (int block = 0; block < count; block++) {
      link.clear().put(key);
      for (int i = 0; i < blockTokenCount; i++) {
        link.putInt(tokenIds.get(block * blockTokenCount + i));
      }
      key = Hashing.sha256().hashBytes(link.array()).asBytes();
      System.arraycopy(key, 0, keys, block * BlockKeys.KEY_BYTES, BlockKeys.KEY_BYTES);
    }
    return BlockKeys.copyOf(keys);
  }
}
