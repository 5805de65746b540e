package ai.cacheblend.orchestrator.client;

import com.google.common.primitives.ImmutableIntArray;
import java.util.List;

/** Starts calls of one worker and returns at once, for many calls at a time. Thread-safe. */
public interface CallStarter {

  /** {@code HOST:PORT}, the name of the worker in results. */
  String address();

  /** Stores the KV of chunks; the result has one entry per chunk, in order. */
  PendingCall<List<CollectedChunk>> startCollect(List<ImmutableIntArray> chunks);

  /**
   * Answers a prompt and measures the times of the call.
   *
   * @param intendedNanos when the call was due
   */
  PendingCall<GenerateResult> startGenerate(GenerateCall call, long intendedNanos);
}
