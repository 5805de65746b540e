package ai.cacheblend.worker.engine;

import ai.cacheblend.worker.blend.Arm;
import ai.cacheblend.worker.blend.RowPlanner;
import ai.cacheblend.worker.chunks.ChunkKeys;
import ai.cacheblend.worker.chunks.ChunkStore;
import ai.cacheblend.worker.chunks.ChunkTiers;
import ai.cacheblend.worker.chunks.PrefixKeys;
import ai.cacheblend.worker.forecast.LoadController;
import ai.cacheblend.worker.forecast.LoadPolicy;
import ai.cacheblend.worker.kv.KvPool;
import ai.cacheblend.worker.model.ModelProfile;
import ai.cacheblend.worker.model.RowSelection;
import ai.cacheblend.worker.model.TextCodec;
import com.google.common.base.Ticker;
import java.util.OptionalLong;

/**
 * What requests share while they run.
 *
 * @param keepAll the selection of steps that compare no rows
 * @param loadPolicy of requests that ask for none
 */
record Resources(
    ModelProfile model,
    TextCodec codec,
    KvPool pool,
    ChunkTiers tiers,
    ChunkKeys keys,
    PrefixKeys prefixKeys,
    RowPlanner planner,
    RowSelection keepAll,
    LoadController controller,
    LoadPolicy loadPolicy,
    Ticker ticker) {

  Resources(
      ModelProfile model,
      TextCodec codec,
      KvPool pool,
      ChunkTiers tiers,
      LoadPolicy loadPolicy,
      Ticker ticker) {
    this(
        model,
        codec,
        pool,
        tiers,
        new ChunkKeys(model.fingerprint(), model.dtype(), model.bosTokenId()),
        new PrefixKeys(model.fingerprint(), model.dtype(), pool.statistics().blockTokenCount()),
        planner(model),
        RowSelection.keepAll(model.checkLayers()),
        new LoadController(planner(model), tiers.rates()),
        loadPolicy,
        ticker);
  }

  private static RowPlanner planner(ModelProfile model) {
    return new RowPlanner(model.checkLayers(), model.layerCount());
  }

  PromptChunks lease(Prompt prompt, Arm arm, ChunkStore.Use use, OptionalLong loadBytesPerSecond) {
    return PromptChunks.lease(prompt, arm, keys::of, tiers, use, loadBytesPerSecond);
  }
}
