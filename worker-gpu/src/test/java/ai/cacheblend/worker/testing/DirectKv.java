package ai.cacheblend.worker.testing;

import ai.cacheblend.worker.chunks.tier.HostKv;
import ai.cacheblend.worker.chunks.tier.KvForm;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.util.Random;

/** KV in memory that the JVM owns. */
public final class DirectKv implements HostKv {
  private static final int PAGE = 4096;

  private final KvForm form;
  private final ByteBuffer bytes;

  public DirectKv(KvForm form) {
    this.form = form;
    this.bytes = pages(Math.toIntExact(form.byteCount()));
  }

  public static DirectKv random(KvForm form, long seed) {
    DirectKv kv = new DirectKv(form);
    byte[] content = new byte[(int) form.byteCount()];
    new Random(seed).nextBytes(content);
    kv.bytes.duplicate().put(content);
    return kv;
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

  public byte[] content() {
    byte[] content = new byte[(int) form.byteCount()];
    bytes.duplicate().get(content);
    return content;
  }
}
