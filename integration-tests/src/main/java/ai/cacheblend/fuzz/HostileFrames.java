package ai.cacheblend.fuzz;

import java.io.IOException;
import java.io.OutputStream;
import java.net.Socket;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.util.Random;

/** HTTP/2 frames with arbitrary types, flags, streams and lengths, on a connection of their own. */
final class HostileFrames {
  private static final byte[] PREFACE =
      "PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n".getBytes(StandardCharsets.US_ASCII);
  private static final byte[] EMPTY_SETTINGS = {0, 0, 0, 4, 0, 0, 0, 0, 0};
  private static final int MAX_PAYLOAD = 64;

  private HostileFrames() {}

  /** The worker may close the connection at any time. */
  static void send(String host, int port, Random random) {
    try (Socket socket = new Socket(host, port)) {
      OutputStream out = socket.getOutputStream();
      if (random.nextInt(4) != 0) {
        out.write(PREFACE);
        out.write(EMPTY_SETTINGS);
      }
      for (int frame = random.nextInt(20); frame >= 0; frame--) {
        out.write(frame(random));
      }
      out.flush();
    } catch (IOException e) {
      // The worker has closed the connection.
    }
  }

  private static byte[] frame(Random random) {
    byte[] payload = new byte[random.nextInt(MAX_PAYLOAD)];
    random.nextBytes(payload);
    int length = random.nextInt(8) == 0 ? random.nextInt(1 << 24) : payload.length;
    return ByteBuffer.allocate(9 + payload.length)
        .put((byte) (length >> 16))
        .putShort((short) length)
        .put((byte) random.nextInt(12))
        .put((byte) random.nextInt(256))
        .putInt(random.nextInt(8))
        .put(payload)
        .array();
  }
}
