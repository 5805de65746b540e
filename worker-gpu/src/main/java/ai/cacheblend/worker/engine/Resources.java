package ai.cacheblend.worker.engine;

import ai.cacheblend.worker.blend.Arm;
import ai.cacheblend.worker.blend.RowPlanner;
import ai.cacheblend.worker.chunks.ChunkKeys;
import ai.cacheblend.worker.chunks.ChunkStore;
import ai.cacheblend.worker.kv.KvPool;
import ai.cacheblend.worker.model.ModelProfile;
import ai.cacheblend.worker.model.ModelRunner;
import ai.cacheblend.worker.model.TextCodec;
import com.google.common.base.Ticker;

/** What a request needs while it runs. */
record Resources(
    ModelProfile model,
    ModelRunner runner,
    TextCodec codec,
    KvPool pool,
    ChunkStore store,
    ChunkKeys keys,
    RowPlanner planner,
    Ticker ticker) {

  PromptChunks lease(Prompt prompt, Arm arm, ChunkStore.Use use) {
    return PromptChunks.lease(prompt, arm, keys, store, use);
  }
}
