package ai.cacheblend.orchestrator.client;

import ai.cacheblend.orchestrator.plan.Arm;
import ai.cacheblend.orchestrator.plan.Tier;
import com.google.common.primitives.ImmutableIntArray;
import java.util.List;

/**
 * A client of one worker. Calls block until they complete, or throw {@link WorkerException}, except
 * those of {@link CallStarter}. Thread-safe.
 */
public interface WorkerClient extends CallStarter, AutoCloseable {

  WorkerDescription describe();

  /** The ids of each text, tokenized separately. */
  List<ImmutableIntArray> tokenize(List<String> texts, boolean addSpecialTokens);

  /** The text of each list of ids, without special tokens. */
  List<String> detokenize(List<ImmutableIntArray> tokenIds);

  /** Stores the KV of chunks; returns one entry per chunk, in order. */
  List<CollectedChunk> collect(List<ImmutableIntArray> chunks);

  /** Deviation of the rows of a prompt, and the rows that {@code arm} would recompute. */
  CheckedPrompt check(List<PromptSegment> segments, Arm arm);

  /** Generates an answer and records the times of the call. */
  GenerateResult generate(GenerateCall call);

  /** Moves stored chunks down to a tier below the device. */
  void demote(List<String> keys, Tier tier);

  /** Drops all stored chunks; returns how many there were. */
  int reset();

  /**
   * Number of requests of other clients that the worker has accepted since the previous call of
   * this method, or since the lease began.
   */
  long takeForeignRequestCount();

  @Override
  void close();
}
