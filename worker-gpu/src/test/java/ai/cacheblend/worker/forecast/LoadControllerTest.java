package ai.cacheblend.worker.forecast;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import ai.cacheblend.metrics.LayerwiseLoad;
import ai.cacheblend.worker.blend.Arm;
import ai.cacheblend.worker.blend.LayerWork;
import ai.cacheblend.worker.blend.PromptLayout;
import ai.cacheblend.worker.blend.PromptLayout.Span;
import ai.cacheblend.worker.blend.RowPlanner;
import ai.cacheblend.worker.blend.Selector;
import ai.cacheblend.worker.blend.Selector.CheckStep;
import ai.cacheblend.worker.blend.Selector.Tensor;
import ai.cacheblend.worker.chunks.ChunkKey;
import ai.cacheblend.worker.chunks.ChunkLocation;
import ai.cacheblend.worker.chunks.LoadRates;
import ai.cacheblend.worker.chunks.tier.TierKind;
import ai.cacheblend.worker.forecast.LoadController.Chunk;
import com.google.common.base.Ticker;
import java.util.ArrayList;
import java.util.Collections;
import java.util.HashSet;
import java.util.List;
import java.util.Optional;
import java.util.OptionalLong;
import java.util.Set;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** On a machine that takes 1 us per row and layer and 0.1 ns per pair. Loads take their rate. */
final class LoadControllerTest {
  private static final int LAYERS = 8;
  private static final int CHUNK_TOKENS = 512;
  private static final int CHUNKS = 8;
  private static final long BYTES_PER_TOKEN = 1000;
  private static final long CHUNK_BYTES = CHUNK_TOKENS * BYTES_PER_TOKEN;

  /** BOS, eight chunks, and a question of 31 tokens. */
  private static final PromptLayout LAYOUT =
      new PromptLayout(
          1 + CHUNKS * CHUNK_TOKENS + 31,
          IntStream.range(0, CHUNKS)
              .mapToObj(i -> new Span(1 + i * CHUNK_TOKENS, 1 + (i + 1) * CHUNK_TOKENS))
              .toList());

  private static final Arm.CacheBlend BLEND = blend(.15);

  private final RowPlanner planner = new RowPlanner(List.of(1), LAYERS);
  private final LoadController controller =
      new LoadController(planner, new LoadRates(Ticker.systemTicker()));

  @Test
  void decidesAndPredictsNothingBeforeItHasMeasured() {
    assertThat(recomputed(chunks(TierKind.HOST), 1)).isEmpty();
    assertThat(predict(BLEND, 1)).isEmpty();
    assertThat(controller.freeRatio(LAYOUT, BLEND, locations(), OptionalLong.of(1))).isEqualTo(.15);
  }

  /** The first prediction that can be compared is that of the fourth prompt. */
  @Test
  void decidesNothingBeforeItKnowsHowFarPredictionsAreOff() {
    for (int tokens : new int[] {500, 1000, 2000}) {
      controller.observe(full(tokens), nanos(full(tokens)));
    }
    assertThat(predict(BLEND, 1)).isPresent();
    assertThat(recomputed(chunks(TierKind.HOST), 1_000_000)).isEmpty();
    assertThat(controller.freeRatio(LAYOUT, BLEND, locations(), OptionalLong.of(1))).isEqualTo(.15);

    controller.observe(full(4000), nanos(full(4000)));
    assertThat(recomputed(chunks(TierKind.HOST), 1_000_000)).hasSize(CHUNKS);
  }

  /** Each layer of a blend ends when its KV has arrived and the layer before has ended. */
  @ParameterizedTest
  @ValueSource(doubles = {.01, .1, .5, 1, 2, 10, 1000})
  void predictionIsThatOfASimulatedClock(double megabytesPerSecond) {
    learn();
    long rate = (long) (megabytesPerSecond * 1e6);
    double load = (double) CHUNKS * CHUNK_BYTES / rate;
    double ended = 0;
    List<LayerWork> work = work(LAYOUT, BLEND);
    for (int layer = 0; layer < LAYERS; layer++) {
      ended = Math.max(ended, (layer + 1) * load / LAYERS) + seconds(work.get(layer));
    }

    Prediction prediction = predict(BLEND, rate).orElseThrow();

    assertThat(prediction.ttftNanos() / 1e9).isCloseTo(ended, within(.01 * ended));
    assertThat(prediction.loadNanos() / 1e9).isCloseTo(load, within(1e-6 * load));
  }

  @Test
  void fastStorageIsLoadedAndSlowStorageIsNot() {
    learn();

    assertThat(recomputed(chunks(TierKind.HOST), 1_000_000_000)).isEmpty();
    assertThat(recomputed(chunks(TierKind.HOST), 1_000_000)).hasSize(CHUNKS);
  }

  /** No other number of loaded chunks is predicted to be faster. */
  @ParameterizedTest
  @ValueSource(longs = {20_000_000, 50_000_000, 100_000_000, 150_000_000, 200_000_000})
  void loadsAsManyAsMakeTheTtftShortest(long rate) {
    learn();
    double shortest = Double.POSITIVE_INFINITY;
    for (int loaded = 0; loaded <= CHUNKS; loaded++) {
      shortest = Math.min(shortest, simulated(loaded, rate));
    }

    int loaded = CHUNKS - recomputed(chunks(TierKind.HOST), rate).size();

    assertThat(simulated(loaded, rate)).isLessThanOrEqualTo(1.02 * shortest);
  }

  /** Rows at the beginning attend to fewer keys: they are computed first. */
  @Test
  void chunksAtTheBeginningAreComputed() {
    learn();
    List<Chunk> chunks = chunks(TierKind.HOST);

    Set<ChunkKey> recomputed = recomputed(chunks, 100_000_000);

    assertThat(recomputed).hasSizeBetween(1, CHUNKS - 1);
    assertThat(recomputed)
        .isEqualTo(
            new HashSet<>(chunks.subList(0, recomputed.size()).stream().map(Chunk::key).toList()));
  }

  @Test
  void chunksOnTheDeviceAndUnknownOnesAreNotComputed() {
    learn();
    List<Chunk> chunks = new ArrayList<>(chunks(TierKind.HOST));
    chunks.set(0, new Chunk(key(0), LAYOUT.chunks().get(0), Optional.empty()));
    chunks.set(1, chunk(1, TierKind.DEVICE));

    assertThat(recomputed(chunks, 1_000_000)).hasSize(CHUNKS - 2).doesNotContain(key(0), key(1));
  }

  @Test
  void fasterTierIsLoadedFirst() {
    learn();
    List<Chunk> chunks = new ArrayList<>(chunks(TierKind.STORE));
    chunks.set(0, chunk(0, TierKind.HOST));

    Set<ChunkKey> recomputed = recomputed(chunks, 30_000_000);

    assertThat(recomputed).isNotEmpty().doesNotContain(key(0));
  }

  /** Otherwise a tier that was slow once would never be used again. */
  @Test
  void skippedTierIsMeasuredAgain() {
    learn();
    List<Integer> sizes = new ArrayList<>();
    for (int prompt = 0; prompt < 34; prompt++) {
      sizes.add(recomputed(chunks(TierKind.HOST), 1_000_000).size());
    }

    assertThat(sizes.stream().filter(size -> size == CHUNKS - 1)).hasSize(2);
    assertThat(sizes.stream().filter(size -> size == CHUNKS)).hasSize(32);
  }

  /**
   * A mixture that is 6 % faster is chosen while predictions are right, and not after some that
   * were 10 % off.
   */
  @Test
  void loadsAllUnlessTheGainExceedsTheErrorOfPredictions() {
    learn();
    long rate = 100_000_000;
    while (shortest(rate) < .94 * simulated(CHUNKS, rate)) {
      rate += 1_000_000;
    }
    assertThat(recomputed(chunks(TierKind.HOST), rate)).isNotEmpty();

    for (int i = 0; i < 16; i++) {
      observe(LAYOUT, blend(.5), i % 2 == 0 ? .8 : 1.2);
    }

    assertThat(recomputed(chunks(TierKind.HOST), rate)).isEmpty();
    assertThat(recomputed(chunks(TierKind.HOST), 1_000_000)).hasSize(CHUNKS);
  }

  /**
   * The first use of a row count takes 5 ms longer. A mixture that is faster by less than that is
   * chosen after it was missed some times, a blend with a higher ratio likewise.
   */
  @Test
  void rowCountsThatHaveNotRunAreChosenIfTheGainIsWorthTheirFirstUse() {
    for (int tokens : new int[] {100, 500, 1000, 2000, 4000, 8000}) {
      observeFirstUse(full(tokens), 1);
    }
    for (double ratio : new double[] {0, .15, .35, .6, .85}) {
      observeFirstUse(work(LAYOUT, blend(ratio)), ratio > 0 && ratio < 1 ? 2 : 1);
    }
    long rate = 100_000_000;
    while (shortest(rate) < simulated(CHUNKS, rate) - 2e-3) {
      rate += 1_000_000;
    }

    int before = 0;
    while (before < 100 && recomputed(chunks(TierKind.HOST), rate).isEmpty()) {
      before++;
    }

    assertThat(before).isBetween(2, 6);
    assertThat(recomputed(chunks(TierKind.HOST), 10_000_000)).isNotEmpty();
  }

  private void observeFirstUse(List<LayerWork> work, int rowCounts) {
    controller.observe(work, nanos(work) + rowCounts * 5_000_000L);
    for (int repeat = 0; repeat < 3; repeat++) {
      controller.observe(work, nanos(work));
    }
  }

  private double shortest(long rate) {
    return IntStream.rangeClosed(0, CHUNKS)
        .mapToDouble(loaded -> simulated(loaded, rate))
        .min()
        .orElseThrow();
  }

  @Test
  void ratioIsFreeWhileTheLoadTakesLonger() {
    learn();
    OptionalLong rate = OptionalLong.of(200_000_000);

    double free = controller.freeRatio(LAYOUT, BLEND, locations(), rate);

    double least = predict(BLEND, rate.getAsLong()).orElseThrow().ttftNanos();
    assertThat(free).isBetween(.2, .99);
    assertThat(20 * free).isCloseTo(Math.rint(20 * free), within(1e-9));
    assertThat((double) predict(blend(free), rate.getAsLong()).orElseThrow().ttftNanos())
        .isLessThanOrEqualTo(1.02 * least);
    assertThat((double) predict(blend(free + .1), rate.getAsLong()).orElseThrow().ttftNanos())
        .isGreaterThan(1.02 * least);
  }

  @Test
  void ratioIsRaisedLessAfterPredictionsThatWereOff() {
    learn();
    OptionalLong rate = OptionalLong.of(110_000_000);
    double free = controller.freeRatio(LAYOUT, BLEND, locations(), rate);

    for (int i = 0; i < 16; i++) {
      controller.observe(full(500), Math.round((i % 2 == 0 ? .6 : 1.4) * nanos(full(500))));
    }

    double cautious = controller.freeRatio(LAYOUT, BLEND, locations(), rate);
    assertThat(cautious).isBetween(.15, free - .09);
  }

  /** A blend that the device computes for longer than it loads has no time to spare. */
  @Test
  void ratioIsNotRaisedIfTheLoadIsHidden() {
    learn();

    assertThat(controller.freeRatio(LAYOUT, BLEND, locations(), OptionalLong.of(1_000_000_000)))
        .isEqualTo(.15);
  }

  @Test
  void ratioIsNeverBelowTheOneOfTheArm() {
    learn();

    assertThat(controller.freeRatio(LAYOUT, blend(.4), locations(), OptionalLong.of(1L << 50)))
        .isEqualTo(.4);
    assertThat(controller.freeRatio(LAYOUT, blend(.4), List.of(), OptionalLong.of(1)))
        .isEqualTo(.4);
    assertThat(controller.freeRatio(LAYOUT, blend(.4), locations(), OptionalLong.of(1_000_000)))
        .isEqualTo(1);
  }

  private double simulated(int loaded, long rate) {
    List<LayerWork> work = work(loading(loaded), BLEND);
    return new LayerwiseLoad(work.stream().map(LoadControllerTest::seconds).toList())
        .seconds((double) loaded * CHUNK_BYTES / rate);
  }

  private Set<ChunkKey> recomputed(List<Chunk> chunks, long rate) {
    return controller.recomputed(LAYOUT, BLEND, chunks, OptionalLong.of(rate));
  }

  private Optional<Prediction> predict(Arm arm, long rate) {
    return controller.predict(
        work(LAYOUT, arm), controller.loadSeconds(locations(), OptionalLong.of(rate)));
  }

  /** Every prompt that the tests can lead to, three times. */
  private void learn() {
    for (int round = 0; round < 3; round++) {
      for (int tokens : new int[] {100, 500, 1000, 2000, 4000, 8000}) {
        controller.observe(full(tokens), nanos(full(tokens)));
      }
      for (int loaded = 0; loaded <= CHUNKS; loaded++) {
        observe(loading(loaded), BLEND, 1);
      }
      for (double ratio = 0; ratio < 1.01; ratio += .05) {
        observe(LAYOUT, blend(Math.min(1, ratio)), 1);
      }
    }
  }

  private void observe(PromptLayout layout, Arm arm, double factor) {
    controller.observe(work(layout, arm), Math.round(factor * nanos(work(layout, arm))));
  }

  private static List<LayerWork> full(int tokens) {
    return Collections.nCopies(LAYERS, new LayerWork(tokens, tokens * (tokens + 1.) / 2));
  }

  private static PromptLayout loading(int loaded) {
    return new PromptLayout(LAYOUT.tokenCount(), LAYOUT.chunks().subList(CHUNKS - loaded, CHUNKS));
  }

  private static long nanos(List<LayerWork> work) {
    return Math.round(1e9 * work.stream().mapToDouble(LoadControllerTest::seconds).sum());
  }

  private static double seconds(LayerWork work) {
    return 1e-6 * work.rows() + 1e-10 * work.pairs();
  }

  private List<LayerWork> work(PromptLayout layout, Arm arm) {
    return planner.layerWork(layout, planner.plan(layout, arm));
  }

  private static Arm.CacheBlend blend(double ratio) {
    return new Arm.CacheBlend(
        new Selector.Deviation(Tensor.VALUE, List.of(new CheckStep(1, ratio))), true);
  }

  private static List<Chunk> chunks(TierKind tier) {
    return IntStream.range(0, CHUNKS).mapToObj(i -> chunk(i, tier)).toList();
  }

  private static Chunk chunk(int index, TierKind tier) {
    return new Chunk(
        key(index),
        LAYOUT.chunks().get(index),
        Optional.of(new ChunkLocation(tier, CHUNK_BYTES, 0)));
  }

  private static ChunkKey key(int index) {
    return new ChunkKey(Integer.toString(index).repeat(64));
  }

  private static List<ChunkLocation> locations() {
    return Collections.nCopies(CHUNKS, new ChunkLocation(TierKind.HOST, CHUNK_BYTES, 0));
  }
}
