package ai.cacheblend.hub.mock;

import com.sun.net.httpserver.HttpExchange;
import java.io.IOException;
import java.util.Map;
import java.util.concurrent.CountDownLatch;

/** What happens to an answer in place of what should. */
public interface MockFault {

  /**
   * Sends a faulty answer.
   *
   * @param from first byte of the content that the client wants
   */
  void answer(HttpExchange exchange, byte[] content, int from) throws IOException;

  /** An answer without content. */
  static MockFault status(int status, Map<String, String> headers) {
    return (exchange, content, from) -> {
      headers.forEach(exchange.getResponseHeaders()::set);
      exchange.sendResponseHeaders(status, -1);
    };
  }

  /** The connection ends after some bytes. */
  static MockFault truncated(int bytes) {
    return (exchange, content, from) -> {
      sendHead(exchange, content, from);
      exchange.getResponseBody().write(content, from, Math.min(bytes, content.length - from));
      exchange.getResponseBody().flush();
    };
  }

  /** The last byte is another one. */
  static MockFault corrupted() {
    return (exchange, content, from) -> {
      sendHead(exchange, content, from);
      byte[] wrong = content.clone();
      wrong[wrong.length - 1] ^= 1;
      exchange.getResponseBody().write(wrong, from, wrong.length - from);
    };
  }

  /** Some bytes, and then nothing until the latch opens. */
  static MockFault stalled(int bytes, CountDownLatch end) {
    return (exchange, content, from) -> {
      sendHead(exchange, content, from);
      exchange.getResponseBody().write(content, from, Math.min(bytes, content.length - from));
      exchange.getResponseBody().flush();
      try {
        end.await();
      } catch (InterruptedException e) {
        Thread.currentThread().interrupt();
      }
    };
  }

  /** The whole content, whatever was wanted. */
  static MockFault rangeIgnored() {
    return (exchange, content, from) -> {
      exchange.sendResponseHeaders(200, content.length);
      exchange.getResponseBody().write(content);
    };
  }

  private static void sendHead(HttpExchange exchange, byte[] content, int from) throws IOException {
    if (from > 0) {
      exchange
          .getResponseHeaders()
          .add(
              "Content-Range",
              "bytes %d-%d/%d".formatted(from, content.length - 1, content.length));
    }
    exchange.sendResponseHeaders(from > 0 ? 206 : 200, content.length - from);
  }
}
