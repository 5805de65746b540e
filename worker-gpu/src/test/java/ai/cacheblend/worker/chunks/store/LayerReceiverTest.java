package ai.cacheblend.worker.chunks.store;

import static java.nio.charset.StandardCharsets.ISO_8859_1;
import static org.assertj.core.api.Assertions.assertThat;

import ai.cacheblend.worker.chunks.format.Checksum;
import io.lettuce.core.output.CommandOutput;
import io.lettuce.core.output.StatusOutput;
import io.lettuce.core.protocol.Command;
import io.lettuce.core.protocol.CommandType;
import io.netty.buffer.ByteBuf;
import io.netty.buffer.Unpooled;
import io.netty.channel.embedded.EmbeddedChannel;
import java.nio.ByteBuffer;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class LayerReceiverTest {
  /** Its bytes are those of replies. */
  private static final String CONTENT = "$5\r\n*1\r\n";

  private final ByteBuffer memory = ByteBuffer.allocateDirect(CONTENT.length());
  private final LayerBytes layer = new LayerBytes(memory);
  private final EmbeddedChannel channel = new EmbeddedChannel(new LayerReceiver());

  private void write(CommandOutput<String, LayerBytes, ?> output) {
    channel.writeOutbound(new Command<>(CommandType.HGET, output));
  }

  private void writeOther() {
    write(new StatusOutput<>(StoreCodec.INSTANCE));
  }

  /** What the decoder receives, if replies arrive in pieces. */
  private String receive(String replies, int pieceByteCount) {
    byte[] bytes = replies.getBytes(ISO_8859_1);
    for (int i = 0; i < bytes.length; i += pieceByteCount) {
      channel.writeInbound(
          Unpooled.copiedBuffer(bytes, i, Math.min(pieceByteCount, bytes.length - i)));
    }
    StringBuilder passed = new StringBuilder();
    for (ByteBuf part = channel.readInbound(); part != null; part = channel.readInbound()) {
      passed.append(part.toString(ISO_8859_1));
      part.release();
    }
    return passed.toString();
  }

  private String content() {
    return ISO_8859_1.decode(memory.duplicate().rewind()).toString();
  }

  @ParameterizedTest
  @ValueSource(ints = {1, 2, 3, 7, 1000})
  void layersGoIntoMemoryAndOtherRepliesToTheDecoder(int pieceByteCount) {
    String before = "+OK\r\n$8\r\n$5\r\n*1\r\n\r\n*2\r\n$1\r\na\r\n*2\r\n:5\r\n$-1\r\n*0\r\n";
    for (int i = 0; i < 4; i++) {
      writeOther();
    }
    write(new LayerOutput(layer));
    writeOther();

    String passed = receive(before + "$8\r\n" + CONTENT + "\r\n" + "-ERR no\r\n", pieceByteCount);

    assertThat(passed).isEqualTo(before + ":8\r\n-ERR no\r\n");
    assertThat(content()).isEqualTo(CONTENT);
    assertThat(layer.checksum()).isEqualTo(Checksum.of(memory));
  }

  @ParameterizedTest
  @ValueSource(strings = {"$-1\r\n", "$3\r\nabc\r\n", "-WRONGTYPE\r\n", "$99999999999\r\n"})
  void otherRepliesToAReadAreLeftToTheDecoder(String reply) {
    write(new LayerOutput(layer));

    assertThat(receive(reply, 1000)).isEqualTo(reply);
    assertThat(content()).isEqualTo("\0".repeat(CONTENT.length()));
  }

  @Test
  void repliesFollowTheOrderOfABatch() {
    LayerBytes second = new LayerBytes(ByteBuffer.allocate(1));
    channel.writeOutbound(
        List.of(
            new Command<>(CommandType.HGET, new LayerOutput(layer)),
            new Command<>(CommandType.HGET, new LayerOutput(second))));

    assertThat(receive("$8\r\n" + CONTENT + "\r\n$1\r\nx\r\n", 1000)).isEqualTo(":8\r\n:1\r\n");
    assertThat(content()).isEqualTo(CONTENT);
  }

  @Test
  void outputIsTheSizeOfTheValue() {
    LayerOutput output = new LayerOutput(layer);
    assertThat(output.get()).isEmpty();
    output.set(8);
    assertThat(output.get()).hasValue(8);
    output.set(ByteBuffer.allocate(3));
    assertThat(output.get()).hasValue(3);
    output.set((ByteBuffer) null);
    assertThat(output.get()).isEmpty();
  }
}
