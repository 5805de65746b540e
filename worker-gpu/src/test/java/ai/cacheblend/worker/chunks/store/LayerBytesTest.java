package ai.cacheblend.worker.chunks.store;

import static org.assertj.core.api.Assertions.assertThat;

import ai.cacheblend.worker.chunks.format.Checksum;
import io.netty.buffer.ByteBuf;
import io.netty.buffer.Unpooled;
import java.nio.ByteBuffer;
import org.junit.jupiter.api.Test;

class LayerBytesTest {
  private final ByteBuffer memory = ByteBuffer.wrap(new byte[] {1, 2, 3});
  private final LayerBytes layer = new LayerBytes(memory);

  @Test
  void piecesFillTheMemory() {
    ByteBuf pieces = Unpooled.wrappedBuffer(new byte[] {7, 8, 9, 10});

    layer.receive(pieces, 1);
    layer.receive(pieces, 2);

    assertThat(memory.array()).containsExactly(7, 8, 9);
    assertThat(layer.checksum()).isEqualTo(Checksum.of(memory));
    assertThat(pieces.readableBytes()).isEqualTo(1);
  }

  @Test
  void releasedMemoryIsNotWritten() {
    ByteBuf pieces = Unpooled.wrappedBuffer(new byte[] {7, 8, 9});
    layer.receive(pieces, 1);
    layer.release();
    layer.receive(pieces, 2);

    assertThat(memory.array()).containsExactly(7, 2, 3);
    assertThat(pieces.isReadable()).isFalse();
  }

  @Test
  void releasedMemoryIsSentAsZeros() {
    ByteBuf sent = Unpooled.buffer();
    layer.copyTo(sent);
    layer.release();
    layer.copyTo(sent);

    byte[] bytes = new byte[sent.readableBytes()];
    sent.readBytes(bytes);
    assertThat(bytes).containsExactly(1, 2, 3, 0, 0, 0);
  }
}
