package ai.cacheblend.worker.chunks.store;

import static java.nio.charset.StandardCharsets.ISO_8859_1;

import io.lettuce.core.protocol.RedisCommand;
import io.netty.buffer.ByteBuf;
import io.netty.buffer.Unpooled;
import io.netty.channel.ChannelDuplexHandler;
import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.ChannelPromise;
import java.util.ArrayDeque;
import java.util.Collection;
import java.util.List;
import java.util.Optional;
import java.util.Queue;

/**
 * Takes layers out of the replies of a connection, in front of the client's decoder, which would
 * gather them in a buffer of its own first. The decoder receives the size of the layer as an
 * integer reply (RESP2) instead. Replies follow the order of commands.
 */
final class LayerReceiver extends ChannelDuplexHandler {
  private static final int LINE_END_BYTES = 2;

  /** The layer, if any, that each command reads whose reply has not begun. */
  private final Queue<Optional<LayerBytes>> sent = new ArrayDeque<>();

  /** Header line of an element, as far as it has arrived; without its line feed. */
  private final StringBuilder line = new StringBuilder();

  /** Elements of the current reply that have not ended; 0 between replies. */
  private long openElementCount;

  /** Bytes of a string, and of its line end, that are passed on. */
  private long passedByteCount;

  /** The layer that is received, and its bytes and line end that have not arrived. */
  private Optional<LayerBytes> layer = Optional.empty();

  private int missingByteCount;

  @Override
  public void write(ChannelHandlerContext context, Object message, ChannelPromise promise)
      throws Exception {
    if (promise.isVoid()) {
      wrote(message);
    } else {
      promise.addListener(
          written -> {
            if (written.isSuccess()) {
              wrote(message);
            }
          });
    }
    super.write(context, message, promise);
  }

  private void wrote(Object message) {
    Collection<?> commands = message instanceof Collection<?> batch ? batch : List.of(message);
    for (Object command : commands) {
      sent.add(
          command instanceof RedisCommand<?, ?, ?> read
                  && read.getOutput() instanceof LayerOutput output
              ? Optional.of(output.layer())
              : Optional.empty());
    }
  }

  @Override
  public void channelRead(ChannelHandlerContext context, Object message) {
    ByteBuf bytes = (ByteBuf) message;
    try {
      while (bytes.isReadable()) {
        if (layer.isPresent()) {
          receive(context, bytes);
        } else if (passedByteCount > 0) {
          pass(context, bytes);
        } else {
          readLine(context, bytes);
        }
      }
    } finally {
      bytes.release();
    }
  }

  private void receive(ChannelHandlerContext context, ByteBuf bytes) {
    LayerBytes target = layer.orElseThrow();
    int count = Math.min(bytes.readableBytes(), missingByteCount);
    int contentCount = Math.max(0, Math.min(count, missingByteCount - LINE_END_BYTES));
    target.receive(bytes, contentCount);
    bytes.skipBytes(count - contentCount);
    missingByteCount -= count;
    if (missingByteCount == 0) {
      layer = Optional.empty();
      pass(context, ":" + target.byteCount() + "\r\n");
      openElementCount--;
    }
  }

  private void pass(ChannelHandlerContext context, ByteBuf bytes) {
    int count = (int) Math.min(bytes.readableBytes(), passedByteCount);
    context.fireChannelRead(bytes.readRetainedSlice(count));
    passedByteCount -= count;
    if (passedByteCount == 0) {
      openElementCount--;
    }
  }

  private static void pass(ChannelHandlerContext context, String text) {
    context.fireChannelRead(Unpooled.copiedBuffer(text, ISO_8859_1));
  }

  private void readLine(ChannelHandlerContext context, ByteBuf bytes) {
    int count = bytes.bytesBefore((byte) '\n');
    boolean complete = count >= 0;
    line.append(bytes.readCharSequence(complete ? count : bytes.readableBytes(), ISO_8859_1));
    if (complete) {
      bytes.skipBytes(1);
      String header = line.toString();
      line.setLength(0);
      begin(context, header);
    }
  }

  /** An element begins with this line, which ends with a carriage return. */
  private void begin(ChannelHandlerContext context, String header) {
    Optional<LayerBytes> expected = Optional.empty();
    if (openElementCount == 0) {
      openElementCount = 1;
      expected = Optional.ofNullable(sent.poll()).flatMap(read -> read);
    }
    long size = size(header);
    if (expected.isPresent() && header.startsWith("$") && size == expected.get().byteCount()) {
      layer = expected;
      missingByteCount = (int) size + LINE_END_BYTES;
      return;
    }
    if (header.startsWith("$") && size >= 0) {
      passedByteCount = size + LINE_END_BYTES;
    } else {
      openElementCount += header.startsWith("*") ? Math.max(size, 0) - 1 : -1;
    }
    pass(context, header + "\n");
  }

  /** −1 if the line has no size. */
  private static long size(String header) {
    return header.matches("[$*][0-9]{1,18}\r")
        ? Long.parseLong(header, 1, header.length() - 1, 10)
        : -1;
  }
}
