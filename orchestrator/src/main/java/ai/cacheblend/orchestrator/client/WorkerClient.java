package ai.cacheblend.orchestrator.client;

import ai.cacheblend.orchestrator.plan.Arm;
import com.google.common.primitives.ImmutableIntArray;
import java.util.List;

/**
 * One worker. Calls block until they are answered or throw {@link WorkerException}. Thread-safe.
 */
public interface WorkerClient extends AutoCloseable {

  /** {@code HOST:PORT}, the name of the worker in results. */
  String address();

  WorkerDescription describe();

  /** The ids of each text, tokenized on its own. */
  List<ImmutableIntArray> tokenize(List<String> texts, boolean addSpecialTokens);

  /** The text of each list of ids, without special tokens. */
  List<String> detokenize(List<ImmutableIntArray> tokenIds);

  /** Stores the KV of chunks; returns one entry per chunk, in order. */
  List<CollectedChunk> collect(List<ImmutableIntArray> chunks);

  /** Deviation of the rows of a prompt, and the rows that {@code arm} would recompute. */
  CheckedPrompt check(List<PromptSegment> segments, Arm arm);

  /** Answers a prompt and measures the times of the call. */
  GenerateResult generate(GenerateCall call);

  /** Drops all stored chunks; returns how many there were. */
  int reset();

  /**
   * Requests of other clients that the worker has accepted since the last call of this method, or
   * since this client began to use it.
   */
  long takeForeignRequestCount();

  @Override
  void close();
}
