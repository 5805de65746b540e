package ai.cacheblend.worker.testing;

import ai.cacheblend.worker.chunks.tier.HostKv;
import ai.cacheblend.worker.chunks.tier.KvForm;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.util.Random;

/** KV in memory that the JVM owns. */
public final class DirectKv implements HostKv {
  private final KvForm form;
  private final ByteBuffer bytes;

  public DirectKv(KvForm form) {
    this.form = form;
    this.bytes = ByteBuffer.allocateDirect(Math.toIntExact(form.byteCount()));
  }

  public static DirectKv random(KvForm form, long seed) {
    DirectKv kv = new DirectKv(form);
    byte[] content = new byte[kv.bytes.capacity()];
    new Random(seed).nextBytes(content);
    kv.bytes.duplicate().put(content);
    return kv;
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
    byte[] content = new byte[bytes.capacity()];
    bytes.duplicate().get(content);
    return content;
  }
}
