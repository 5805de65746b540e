package ai.cacheblend.worker.chunks.store;

import static org.assertj.core.api.Assertions.assertThat;

import io.netty.buffer.ByteBuf;
import io.netty.buffer.Unpooled;
import java.nio.ByteBuffer;
import org.junit.jupiter.api.Test;

class LayerBytesTest {
  private final ByteBuffer memory = ByteBuffer.wrap(new byte[] {1, 2, 3});
  private final LayerBytes layer = new LayerBytes(memory);

  @Test
  void repliesFillTheMemory() {
    assertThat(layer.fill(ByteBuffer.wrap(new byte[] {7, 8, 9}))).hasValue(3);
    assertThat(memory.array()).containsExactly(7, 8, 9);
  }

  @Test
  void replyOfAnotherSizeIsReportedAndNotWritten() {
    assertThat(layer.fill(ByteBuffer.wrap(new byte[] {7, 8}))).hasValue(2);
    assertThat(memory.array()).containsExactly(1, 2, 3);
  }

  @Test
  void releasedMemoryIsNotWritten() {
    layer.release();

    assertThat(layer.fill(ByteBuffer.wrap(new byte[] {7, 8, 9}))).hasValue(3);
    assertThat(memory.array()).containsExactly(1, 2, 3);
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
