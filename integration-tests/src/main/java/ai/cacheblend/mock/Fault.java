package ai.cacheblend.mock;

import ai.cacheblend.proto.v1.RowCounts;
import io.grpc.Status;
import java.time.Duration;
import java.util.function.IntPredicate;
import java.util.function.UnaryOperator;

/**
 * Something a worker does wrong. Calls are counted from 1, each method on its own, over the
 * worker's life.
 */
public sealed interface Fault {

  /** The calls of the contract. */
  enum Method {
    DESCRIBE,
    TOKENIZE,
    COLLECT,
    CHECK,
    GENERATE,
    RESET
  }

  /** Ends a call with {@code status} at once. */
  record Refuse(Method method, IntPredicate calls, Status status) implements Fault {}

  /** The worker is gone after so many tokens of an answer: every connection breaks. */
  record DieMidStream(IntPredicate calls, int afterTokens) implements Fault {}

  /** The answer's first message holds no token. */
  record EmptyFirstMessage(IntPredicate calls) implements Fault {}

  /** The answer has so many tokens more, or fewer, than asked for. */
  record TokenCount(IntPredicate calls, int delta) implements Fault {}

  /** Other row counts are reported than what was done. */
  record ReportedRows(IntPredicate calls, UnaryOperator<RowCounts> change) implements Fault {}

  /** Chunks stay when they are to be dropped. */
  record KeepsChunks(IntPredicate calls) implements Fault {}

  /**
   * What was computed of a prompt is kept and used again, though counts say that all was computed.
   *
   * @param timeShare share of the time to the first token that a known prompt takes
   */
  record SecretPrefixCache(double timeShare) implements Fault {}

  /** The worker's clock jumps by so much before the first token is out. */
  record ClockJump(IntPredicate calls, Duration by) implements Fault {}
}
