package ai.cacheblend.hub;

import static ai.cacheblend.hub.HubException.Reason.BAD_RESPONSE;

import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;

/** Keeps a content of limited size. */
final class TextReceiver implements Receiver {

  private final int maxBytes;
  private final ByteArrayOutputStream bytes = new ByteArrayOutputStream();
  private Reply reply;

  TextReceiver(int maxBytes) {
    this.maxBytes = maxBytes;
  }

  @Override
  public void begin(Reply begun) {
    reply = begun;
    bytes.reset();
  }

  @Override
  public void receive(ByteBuffer content) throws IOException {
    if (bytes.size() + content.remaining() > maxBytes) {
      throw new HubException(
          BAD_RESPONSE,
          "%s answers with more than %d bytes".formatted(reply.uri().getHost(), maxBytes));
    }
    byte[] part = new byte[content.remaining()];
    content.get(part);
    bytes.writeBytes(part);
  }

  /** The answer that the content belongs to. */
  Reply reply() {
    return reply;
  }

  String text() {
    return bytes.toString(StandardCharsets.UTF_8);
  }
}
