package ai.cacheblend.hub;

import java.io.IOException;
import java.nio.ByteBuffer;

/** Takes the answer to a request. Calls do not overlap; a failure ends the exchange. */
interface Receiver {

  /** The content is elsewhere. */
  default void redirected(Reply reply) throws IOException {}

  /** The content follows; it may be empty. */
  default void begin(Reply reply) throws IOException {}

  void receive(ByteBuffer content) throws IOException;
}
