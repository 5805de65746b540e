package ai.cacheblend.orchestrator.load;

import com.google.common.primitives.ImmutableIntArray;
import java.util.List;
import java.util.function.Supplier;

/** The prompts of a load run. */
interface PromptSource {

  /**
   * The prompts of a slice. Equal seeds give equal prompts, so that all arms answer the same.
   *
   * @param seed of the slice
   */
  Supplier<LoadPrompt> prompts(long seed);

  /** The chunks to store ahead, by id; empty if they are not known ahead. */
  List<ImmutableIntArray> pool();
}
