package ai.cacheblend.worker.chunks.store;

import io.lettuce.core.output.CommandOutput;
import java.nio.ByteBuffer;
import java.util.OptionalInt;

/**
 * Reply with one layer. The output is the size of the value, empty if there is none. A value of the
 * layer's size goes into its memory, see {@link LayerReceiver}.
 */
final class LayerOutput extends CommandOutput<String, LayerBytes, OptionalInt> {
  private final LayerBytes layer;

  LayerOutput(LayerBytes layer) {
    super(StoreCodec.INSTANCE, OptionalInt.empty());
    this.layer = layer;
  }

  LayerBytes layer() {
    return layer;
  }

  /** The size of a layer that was received. */
  @Override
  public void set(long byteCount) {
    output = OptionalInt.of(Math.toIntExact(byteCount));
  }

  /** A value of another size. */
  @Override
  public void set(ByteBuffer bytes) {
    output = bytes == null ? OptionalInt.empty() : OptionalInt.of(bytes.remaining());
  }
}
