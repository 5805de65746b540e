package ai.cacheblend.orchestrator.records;

import java.util.List;

/**
 * Complete blocks that earlier sessions of a run recorded.
 *
 * @param session number of the session that begins
 * @param blocks not run again
 */
public record EarlierBlocks<B extends Block>(int session, List<B> blocks) {
  public EarlierBlocks {
    blocks = List.copyOf(blocks);
  }

  /** The state of a new run. */
  public static <B extends Block> EarlierBlocks<B> none() {
    return new EarlierBlocks<>(0, List.of());
  }
}
