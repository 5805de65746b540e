package ai.cacheblend.mock;

import ai.cacheblend.proto.v1.RowCounts;
import io.grpc.Status;
import java.time.Duration;
import java.util.function.IntPredicate;
import java.util.function.UnaryOperator;

/**
 * A fault that a mock worker injects. Calls are counted from 1 per method over the worker's
 * lifetime.
 */
public sealed interface Fault {

  /** The RPCs of {@code cacheblend.v1.Worker}. */
  enum Method {
    DESCRIBE,
    TOKENIZE,
    COLLECT,
    CHECK,
    GENERATE,
    RESET,
    ACQUIRE_LEASE,
    RELEASE_LEASE
  }

  /** Fails a call with {@code status}. */
  record Refuse(Method method, IntPredicate calls, Status status) implements Fault {}

  /** From a call on, no call of any method gets a response; connections stay open. */
  record Hang(Method method, IntPredicate calls) implements Fault {}

  /** The worker closes all connections after {@code afterTokens} tokens of an answer. */
  record DieMidStream(IntPredicate calls, int afterTokens) implements Fault {}

  /** The first message of an answer has no token. */
  record EmptyFirstMessage(IntPredicate calls) implements Fault {}

  /** The answer has {@code delta} more tokens than requested, or fewer if it is negative. */
  record TokenCount(IntPredicate calls, int delta) implements Fault {}

  /** The reported row counts differ from the computed rows. */
  record ReportedRows(IntPredicate calls, UnaryOperator<RowCounts> change) implements Fault {}

  /** Reset drops no chunk. */
  record IgnoredReset(IntPredicate calls) implements Fault {}

  /**
   * Undisclosed prefix caching: a repeated prompt is answered faster, though the row counts say
   * that all rows were computed.
   *
   * @param timeShare time to first token of a repeated prompt, relative to a new one
   */
  record UndisclosedPrefixCaching(double timeShare) implements Fault {}

  /** Clock discontinuity: the worker's clock jumps before the first token is sent. */
  record ClockJump(IntPredicate calls, Duration by) implements Fault {}
}
