package ai.cacheblend.orchestrator.client;

import ai.cacheblend.orchestrator.plan.Arm;
import com.google.common.primitives.ImmutableIntArray;
import java.util.List;

/**
 * One worker. Every call blocks until it is answered, and throws {@link WorkerException} where it
 * is not. Calls may come from several threads.
 */
public interface WorkerClient extends AutoCloseable {

  /** {@code HOST:PORT}; names the worker in results. */
  String address();

  WorkerDescription describe();

  /** The ids of each text, tokenized on its own. */
  List<ImmutableIntArray> tokenize(List<String> texts, boolean addSpecialTokens);

  /** The text of each list of ids; special tokens are left out of it. */
  List<String> detokenize(List<ImmutableIntArray> tokenIds);

  /** Stores the KV of chunks; one answer per chunk, in order. */
  List<CollectedChunk> collect(List<ImmutableIntArray> chunks);

  /** Which rows of a prompt deviate and which {@code arm} would recompute. */
  CheckedPrompt check(List<PromptSegment> segments, Arm arm);

  /** Answers a prompt, and times it. */
  GenerateResult generate(GenerateCall call);

  /** Drops all stored chunks; returns how many there were. */
  int reset();

  @Override
  void close();
}
