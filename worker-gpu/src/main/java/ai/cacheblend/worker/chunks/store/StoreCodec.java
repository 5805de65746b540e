package ai.cacheblend.worker.chunks.store;

import static java.nio.charset.StandardCharsets.US_ASCII;

import io.lettuce.core.codec.RedisCodec;
import io.lettuce.core.codec.ToByteBufEncoder;
import io.netty.buffer.ByteBuf;
import java.nio.ByteBuffer;

/** Keys are ASCII. Layers are copied between their memory and the buffers of the connection. */
enum StoreCodec implements RedisCodec<String, LayerBytes>, ToByteBufEncoder<String, LayerBytes> {
  INSTANCE;

  @Override
  public String decodeKey(ByteBuffer bytes) {
    return US_ASCII.decode(bytes).toString();
  }

  /** Replies with values are decoded by {@link LayerOutput}. */
  @Override
  public LayerBytes decodeValue(ByteBuffer bytes) {
    throw new UnsupportedOperationException("no command returns a value here");
  }

  @Override
  public ByteBuffer encodeKey(String key) {
    return US_ASCII.encode(key);
  }

  @Override
  public ByteBuffer encodeValue(LayerBytes value) {
    throw new UnsupportedOperationException("values are encoded into the connection's buffer");
  }

  @Override
  public void encodeKey(String key, ByteBuf target) {
    target.writeCharSequence(key, US_ASCII);
  }

  @Override
  public void encodeValue(LayerBytes value, ByteBuf target) {
    value.copyTo(target);
  }

  @Override
  public int estimateSize(Object keyOrValue) {
    return keyOrValue instanceof LayerBytes layer
        ? layer.byteCount()
        : keyOrValue.toString().length();
  }

  @Override
  public boolean isEstimateExact() {
    return true;
  }
}
