package ai.cacheblend.hub.mock;

import java.io.IOException;
import java.io.OutputStream;
import java.util.concurrent.atomic.AtomicLong;
import java.util.function.LongConsumer;

/**
 * Writes content in pieces.
 *
 * @param total bytes that all writers have written
 * @param listener is told the total after each piece
 */
record PiecewiseWriter(OutputStream out, AtomicLong total, LongConsumer listener) {

  private static final int PIECE_BYTES = 1 << 14;

  void write(byte[] content, int from) throws IOException {
    for (int begin = from; begin < content.length; begin += PIECE_BYTES) {
      int count = Math.min(PIECE_BYTES, content.length - begin);
      out.write(content, begin, count);
      out.flush();
      listener.accept(total.addAndGet(count));
    }
  }
}
