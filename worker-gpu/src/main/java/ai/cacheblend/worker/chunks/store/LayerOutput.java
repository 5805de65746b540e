package ai.cacheblend.worker.chunks.store;

import io.lettuce.core.output.CommandOutput;
import java.nio.ByteBuffer;
import java.util.OptionalInt;

/** Reply with one layer, copied from the connection's buffer into its memory. */
final class LayerOutput extends CommandOutput<String, LayerBytes, OptionalInt> {
  private final LayerBytes layer;

  LayerOutput(LayerBytes layer) {
    super(StoreCodec.INSTANCE, OptionalInt.empty());
    this.layer = layer;
  }

  /** The output is the size of the value, empty if there is none. */
  @Override
  public void set(ByteBuffer bytes) {
    output = bytes == null ? OptionalInt.empty() : layer.fill(bytes);
  }
}
