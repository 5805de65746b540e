package ai.cacheblend.worker.forecast;

import ai.cacheblend.worker.blend.Arm;
import ai.cacheblend.worker.blend.LayerWork;
import ai.cacheblend.worker.blend.PromptLayout;
import ai.cacheblend.worker.blend.PromptLayout.Span;
import ai.cacheblend.worker.blend.RowPlanner;
import ai.cacheblend.worker.chunks.ChunkKey;
import ai.cacheblend.worker.chunks.ChunkLocation;
import ai.cacheblend.worker.chunks.LoadRates;
import ai.cacheblend.worker.chunks.tier.TierKind;
import ai.cacheblend.worker.forecast.LoadController.Chunk;
import com.google.common.base.Ticker;
import java.util.List;
import java.util.Optional;
import java.util.OptionalLong;
import java.util.stream.IntStream;

/**
 * Predicts and chooses with a controller of its own, so that the first request does not include the
 * class loading and interpretation of that code (7 ms on two cores, then 0.02 to 0.2 ms).
 */
public final class ControllerWarmUp {
  private static final int ROUNDS = 20;
  private static final int CHUNKS = 4;
  private static final int CHUNK_TOKENS = 16;
  private static final int RATIOS = 8;
  private static final OptionalLong BYTES_PER_SECOND = OptionalLong.of(1);

  private ControllerWarmUp() {}

  /** With ratios of an arm. */
  public static void run(RowPlanner planner, Arm.CacheBlend arm) {
    LoadController controller = new LoadController(planner, new LoadRates(Ticker.systemTicker()));
    List<Chunk> chunks = IntStream.range(0, CHUNKS).mapToObj(ControllerWarmUp::chunk).toList();
    List<ChunkLocation> loads = chunks.stream().map(c -> c.location().orElseThrow()).toList();
    PromptLayout layout =
        new PromptLayout(CHUNKS * CHUNK_TOKENS + 1, chunks.stream().map(Chunk::span).toList());
    for (int round = 0; round < ROUNDS; round++) {
      double ratio = (double) (round % RATIOS + 1) / RATIOS;
      List<LayerWork> work = planner.layerWork(layout, planner.plan(layout, arm.withRatio(ratio)));
      controller.observe(work, round + 1);
      controller.predict(work, controller.loadSeconds(loads, BYTES_PER_SECOND));
      controller.recomputed(layout, arm, chunks, BYTES_PER_SECOND);
      controller.freeRatio(layout, arm, loads, BYTES_PER_SECOND);
    }
  }

  private static Chunk chunk(int index) {
    int from = index * CHUNK_TOKENS;
    return new Chunk(
        new ChunkKey(String.format("%064d", index)),
        new Span(from, from + CHUNK_TOKENS),
        Optional.of(new ChunkLocation(TierKind.HOST, 1, 0)));
  }
}
