package ai.cacheblend.benchmarks.tiers;

import ai.cacheblend.worker.chunks.tier.HostKv;
import ai.cacheblend.worker.chunks.tier.KvForm;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.util.Random;

/** Memory of one chunk outside of the heap. */
final class DirectKv implements HostKv {
  private static final int PAGE = 4096;

  private final KvForm form;
  private final ByteBuffer bytes;

  DirectKv(KvForm form) {
    this.form = form;
    this.bytes = pages(Math.toIntExact(form.byteCount()));
  }

  /** Numbers that no storage compresses. */
  void fill(long seed) {
    Random random = new Random(seed);
    for (int i = 0; i <= form.byteCount() - Long.BYTES; i += Long.BYTES) {
      bytes.putLong(i, random.nextLong());
    }
  }

  private static ByteBuffer pages(int byteCount) {
    int padded = (byteCount + PAGE - 1) / PAGE * PAGE;
    return ByteBuffer.allocateDirect(padded + PAGE).alignedSlice(PAGE).slice(0, padded);
  }

  @Override
  public ByteBuffer bytes(long offset, int byteCount) {
    return bytes.slice(Math.toIntExact(offset), byteCount).order(ByteOrder.LITTLE_ENDIAN);
  }

  @Override
  public KvForm form() {
    return form;
  }

  @Override
  public ByteBuffer layer(int layer) {
    int byteCount = form.layerByteCount();
    return bytes.slice(layer * byteCount, byteCount).order(ByteOrder.LITTLE_ENDIAN);
  }
}
