package ai.cacheblend.worker.invariants;

import static ai.cacheblend.worker.invariants.Arms.FULL_KV_REUSE;
import static ai.cacheblend.worker.invariants.Arms.FULL_PREFILL;
import static ai.cacheblend.worker.invariants.Closeness.assertClose;
import static ai.cacheblend.worker.invariants.Prompts.A;
import static ai.cacheblend.worker.invariants.Prompts.B;
import static ai.cacheblend.worker.invariants.Prompts.C;
import static ai.cacheblend.worker.invariants.Prompts.D;
import static ai.cacheblend.worker.invariants.Prompts.FOUR_CHUNKS;
import static ai.cacheblend.worker.invariants.Prompts.HEAD;
import static ai.cacheblend.worker.invariants.Prompts.QUESTION;
import static ai.cacheblend.worker.invariants.Prompts.SEPARATOR;
import static ai.cacheblend.worker.invariants.Prompts.cached;
import static ai.cacheblend.worker.invariants.Prompts.plain;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import ai.cacheblend.worker.blend.Arm;
import ai.cacheblend.worker.engine.Prompt;
import ai.cacheblend.worker.invariants.Prompts.PlacedChunk;
import ai.cacheblend.worker.invariants.TestWorker.Run;
import ai.cacheblend.worker.kv.NativeStoredKv;
import ai.cacheblend.worker.model.LayerScores;
import com.google.common.primitives.ImmutableIntArray;
import java.util.List;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedClass;
import org.junit.jupiter.params.provider.EnumSource;

/** Injection of stored KV, compared with the reference of rotary embedding. */
@ParameterizedClass
@EnumSource(SmallModel.class)
class InjectionInvariantsTest {
  private final SmallModel model;
  private final TestWorker worker;

  InjectionInvariantsTest(SmallModel model) {
    this.model = model;
    this.worker = new TestWorker(model);
  }

  @AfterEach
  void close() {
    worker.close();
  }

  @Test
  @DisplayName("I3: in layer 0, injected KV equals fresh KV at every position")
  void layerZeroIsFreshEverywhere() {
    KvImage full = worker.run(FOUR_CHUNKS, FULL_PREFILL).prefill().kv();
    worker.collect(FOUR_CHUNKS);
    KvImage reused = worker.run(FOUR_CHUNKS, FULL_KV_REUSE).prefill().kv();
    for (int position = 0; position < full.positionCount(); position++) {
      String row = "position " + position;
      assertClose(row + ", key", reused.key(0, position), full.key(0, position));
      assertClose(row + ", value", reused.value(0, position), full.value(0, position));
    }
  }

  @Test
  @DisplayName("I4: the first chunk after BOS has no deviation")
  void firstChunkDoesNotDeviate() {
    KvImage full = worker.run(FOUR_CHUNKS, FULL_PREFILL).prefill().kv();
    worker.collect(FOUR_CHUNKS);
    KvImage reused = worker.run(FOUR_CHUNKS, FULL_KV_REUSE).prefill().kv();
    Closeness.assertRowsClose("first chunk", reused, full, 0, 1 + A.length());
    List<Integer> heads = Prompts.chunks(FOUR_CHUNKS).stream().map(PlacedChunk::from).toList();
    for (LayerScores scores : worker.check(FOUR_CHUNKS, Arms.gradual(1, 1, 1)).layerScores()) {
      List<Integer> positions = scores.positions().asList();
      for (int i = 0; i < positions.size(); i++) {
        double score = scores.scores().get(i);
        if (positions.get(i) < 1 + A.length()) {
          assertThat(score).isCloseTo(0, within(1e-7));
        } else if (heads.contains(positions.get(i))) { // later rows may have a chunk for a window
          assertThat(score).as("of position " + positions.get(i)).isGreaterThan(1e-3);
        }
      }
    }
  }

  @Test
  @DisplayName("I6: rotation preserves norms, so key deviation is equal before and after it")
  void deviationOfKeysSurvivesRotation() {
    KvImage full = worker.run(FOUR_CHUNKS, FULL_PREFILL).prefill().kv();
    worker.collect(FOUR_CHUNKS);
    KvImage reused = worker.run(FOUR_CHUNKS, FULL_KV_REUSE).prefill().kv();
    for (PlacedChunk chunk : Prompts.chunks(FOUR_CHUNKS)) {
      NativeStoredKv stored = worker.stored(chunk.tokenIds());
      for (int row = 0; row < stored.tokenCount(); row++) {
        for (int layer = 0; layer < SmallModel.LAYERS; layer++) {
          float[] injected = reused.key(layer, chunk.from() + row);
          float[] backAgain = Rotation.rotate(injected, model, layer, -(chunk.from() + row));
          assertClose("inverse", backAgain, stored.key(layer, row));
        }
      }
    }
    // Scores compare keys before rotation; images contain them after rotation.
    LayerScores scores = worker.check(FOUR_CHUNKS, Arms.byKey(0.5)).layerScores().get(0);
    assertThat(scores.positions().asList()).isEqualTo(Prompts.eligible(FOUR_CHUNKS));
    for (int i = 0; i < scores.positions().length(); i++) {
      int p = scores.positions().get(i);
      double rotated = Rotation.squaredDistance(full.key(1, p), reused.key(1, p));
      assertThat(scores.scores().get(i)).isCloseTo(rotated, within(1e-3 * Math.max(1, rotated)));
    }
  }

  @Test
  @DisplayName("I9: requests do not change stored chunks; chunks and requests can be repeated")
  void useDoesNotChangeTheStore() {
    Prompt twice =
        Prompts.of(plain(HEAD), cached(A), plain(SEPARATOR), cached(B), cached(A), plain(QUESTION));
    worker.collect(twice);
    float[][][] before = contents(A);
    List<Arm> arms =
        Arms.and(
            Arms.byAttention(0.3),
            List.of(Arms.byValue(0.3), Arms.byKey(0.3), FULL_KV_REUSE, Arms.random(0.3)));
    for (Arm arm : arms) {
      Run first = worker.run(twice, arm, 4);
      Run second = worker.run(twice, arm, 4);
      int end = first.kv().positionCount();
      Closeness.assertRowsEqual(arm.toString(), second.kv(), first.kv(), 0, end);
      assertThat(second.tokens()).isEqualTo(first.tokens());
      assertThat(second.activeRows()).isEqualTo(first.activeRows());
      assertThat(contents(A)).as("store after " + arm).isDeepEqualTo(before);
    }
    KvImage reused = worker.run(twice, FULL_KV_REUSE).prefill().kv();
    int there = 1 + A.length() + SEPARATOR.length() + B.length();
    for (int layer = 0; layer < SmallModel.LAYERS; layer++) {
      for (int row = 0; row < A.length(); row++) {
        assertThat(reused.value(layer, there + row)).isEqualTo(reused.value(layer, 1 + row));
      }
    }
  }

  @Test
  @DisplayName("I10: injection of unrotated keys equals rotation of rotated keys by the difference")
  void injectionOnlyRotatesKeys() {
    KvImage alone = worker.collectAndWatch(C);
    worker.collect(FOUR_CHUNKS);
    PlacedChunk placed = Prompts.chunks(FOUR_CHUNKS).get(2);
    KvImage reused = worker.run(FOUR_CHUNKS, FULL_KV_REUSE).prefill().kv();
    assertMoved("alone to prompt", alone, 1, reused, placed.from(), C.length());
  }

  @Test
  @DisplayName("I16: in another order, values are identical and keys rotate by the difference")
  void chunkOrderOnlyRotatesKeys() {
    Prompt other =
        Prompts.of(
            plain(HEAD),
            cached(D),
            cached(B),
            plain(SEPARATOR),
            cached(A),
            cached(C),
            plain(QUESTION));
    worker.collect(FOUR_CHUNKS);
    assertThat(worker.collect(other).chunks()).allMatch(chunk -> chunk.hit());
    KvImage here = worker.run(FOUR_CHUNKS, FULL_KV_REUSE).prefill().kv();
    KvImage there = worker.run(other, FULL_KV_REUSE).prefill().kv();
    for (PlacedChunk chunk : Prompts.chunks(FOUR_CHUNKS)) {
      int to = placeOf(chunk.tokenIds(), other);
      assertMoved("to " + to, here, chunk.from(), there, to, chunk.tokenIds().length());
    }
  }

  private void assertMoved(
      String what, KvImage from, int fromPosition, KvImage to, int toPosition, int count) {
    for (int layer = 0; layer < SmallModel.LAYERS; layer++) {
      for (int row = 0; row < count; row++) {
        assertThat(to.value(layer, toPosition + row))
            .as(what)
            .isEqualTo(from.value(layer, fromPosition + row));
        float[] moved =
            Rotation.rotate(
                from.key(layer, fromPosition + row), model, layer, toPosition - fromPosition);
        assertClose(what, to.key(layer, toPosition + row), moved);
      }
    }
  }

  private static int placeOf(ImmutableIntArray chunk, Prompt prompt) {
    return Prompts.chunks(prompt).stream()
        .filter(placed -> placed.tokenIds().equals(chunk))
        .findFirst()
        .orElseThrow()
        .from();
  }

  /** [2 · layer, + 1 for values][row][KV heads · head size] */
  private float[][][] contents(ImmutableIntArray chunk) {
    NativeStoredKv stored = worker.stored(chunk);
    float[][][] contents = new float[2 * SmallModel.LAYERS][stored.tokenCount()][];
    for (int layer = 0; layer < SmallModel.LAYERS; layer++) {
      for (int row = 0; row < stored.tokenCount(); row++) {
        contents[2 * layer][row] = stored.key(layer, row);
        contents[2 * layer + 1][row] = stored.value(layer, row);
      }
    }
    return contents;
  }
}
