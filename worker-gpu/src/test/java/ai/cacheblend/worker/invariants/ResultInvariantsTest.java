package ai.cacheblend.worker.invariants;

import static ai.cacheblend.worker.invariants.Arms.FULL_KV_REUSE;
import static ai.cacheblend.worker.invariants.Arms.FULL_PREFILL;
import static ai.cacheblend.worker.invariants.Prompts.A;
import static ai.cacheblend.worker.invariants.Prompts.B;
import static ai.cacheblend.worker.invariants.Prompts.C;
import static ai.cacheblend.worker.invariants.Prompts.D;
import static ai.cacheblend.worker.invariants.Prompts.FOUR_CHUNKS;
import static ai.cacheblend.worker.invariants.Prompts.HEAD;
import static ai.cacheblend.worker.invariants.Prompts.QUESTION;
import static ai.cacheblend.worker.invariants.Prompts.SEPARATOR;
import static ai.cacheblend.worker.invariants.Prompts.cached;
import static ai.cacheblend.worker.invariants.Prompts.changed;
import static ai.cacheblend.worker.invariants.Prompts.plain;
import static org.assertj.core.api.Assertions.assertThat;

import ai.cacheblend.worker.blend.Arm;
import ai.cacheblend.worker.engine.Prompt;
import ai.cacheblend.worker.invariants.TestWorker.Run;
import com.google.common.primitives.ImmutableIntArray;
import java.util.Arrays;
import java.util.List;
import java.util.stream.IntStream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedClass;
import org.junit.jupiter.params.provider.EnumSource;

/** Results of blending, compared with full prefill. */
@ParameterizedClass
@EnumSource(SmallModel.class)
class ResultInvariantsTest {
  private static final int DECODE_STEPS = 8;

  private final SmallModel model;
  private final TestWorker worker;

  ResultInvariantsTest(SmallModel model) {
    this.model = model;
    this.worker = new TestWorker(model);
  }

  @AfterEach
  void close() {
    worker.close();
  }

  @Test
  @DisplayName("I1: with ratio 1, KV, logits and decoding equal those of full prefill")
  void ratioOneIsFullPrefill() {
    Run full = worker.run(FOUR_CHUNKS, FULL_PREFILL, DECODE_STEPS + 1);
    worker.collect(FOUR_CHUNKS);
    for (Arm arm :
        Arms.and(
            Arms.byAttention(1),
            List.of(
                Arms.byValue(1),
                Arms.byKey(1),
                Arms.gradual(1, 1, 1),
                Arms.random(1),
                Arms.chunkHeads(1.0)))) {
      Closeness.assertSame(arm.toString(), worker.run(FOUR_CHUNKS, arm, DECODE_STEPS + 1), full);
    }
  }

  /**
   * The original states it with fresh KV of the selected rows alone; here nothing is selected, so
   * that both ways agree.
   */
  @Test
  @DisplayName("I2: full reuse of one chunk after BOS is prefix caching and equals full prefill")
  void reuseOfThePrefixIsExact() {
    Prompt prompt = Prompts.of(plain(HEAD), cached(A), plain(QUESTION));
    Run full = worker.run(prompt, FULL_PREFILL, DECODE_STEPS + 1);
    worker.collect(prompt);
    for (Arm arm :
        Arms.and(
            Arms.byAttention(0), List.of(FULL_KV_REUSE, Arms.byValue(0), Arms.chunkHeads(2)))) {
      Run reused = worker.run(prompt, arm, DECODE_STEPS + 1);
      Closeness.assertSame(arm.toString(), reused, full);
    }
    assertThat(worker.run(prompt, FULL_KV_REUSE).activeRows())
        .hasSize(HEAD.length() + QUESTION.length());
  }

  @Test
  @DisplayName("I8: another token at a position does not change KV before it")
  void attentionIsCausal() {
    int index = 17;
    int position = Prompts.chunks(FOUR_CHUNKS).get(2).from() + index;
    Prompt other =
        Prompts.of(
            plain(HEAD),
            cached(A),
            plain(SEPARATOR),
            cached(B),
            cached(changed(C, index)),
            plain(SEPARATOR),
            cached(D),
            plain(QUESTION));
    worker.collect(FOUR_CHUNKS);
    worker.collect(other);
    // These select the same rows of both prompts.
    for (Arm arm :
        List.of(
            FULL_PREFILL,
            FULL_KV_REUSE,
            Arms.byValue(1),
            Arms.byValue(0),
            Arms.random(0.3),
            Arms.random(0.7),
            Arms.queryAttention(0),
            Arms.expanded(1),
            Arms.chunkHeads(19),
            Arms.chunkHeads(0.2))) {
      Run before = worker.run(FOUR_CHUNKS, arm);
      Run after = worker.run(other, arm);
      assertThat(after.activeRows()).isEqualTo(before.activeRows());
      Closeness.assertRowsEqual(
          arm.toString(), after.prefill().kv(), before.prefill().kv(), 0, position);
      assertThat(after.prefill().kv().value(0, position))
          .isNotEqualTo(before.prefill().kv().value(0, position));
    }
  }

  @Test
  @DisplayName("I11: with the KV of full prefill as cache, every selector equals full prefill")
  void goldenCacheGivesFullPrefill() {
    int newTokens = 4;
    Run full = worker.run(FOUR_CHUNKS, FULL_PREFILL, newTokens);
    worker.collectGolden(FOUR_CHUNKS);
    Closeness.assertSame("reuse", worker.run(FOUR_CHUNKS, FULL_KV_REUSE, newTokens), full);
    for (Arm arm : Arms.blending()) {
      Closeness.assertSame(arm.toString(), worker.run(FOUR_CHUNKS, arm, newTokens), full);
    }
  }

  @Test
  @DisplayName(
      "I14: decoding after a blend equals full prefill of the prompt and the decoded tokens")
  void decodingEqualsPrefillOfOneMore() {
    worker.collectGolden(FOUR_CHUNKS);
    for (Arm arm :
        Arms.and(
            Arms.byAttention(0.15),
            List.of(FULL_KV_REUSE, Arms.byValue(0.15), Arms.random(0.15)))) {
      Run blended = worker.run(FOUR_CHUNKS, arm, 5);
      for (int decoded = 1; decoded < 5; decoded++) {
        int[] tail = blended.tokens().stream().limit(decoded).mapToInt(t -> t).toArray();
        Prompt longer =
            new Prompt(
                List.of(
                    plain(Prompts.tokenIds(FOUR_CHUNKS)), plain(ImmutableIntArray.copyOf(tail))));
        Run full = worker.run(longer, FULL_PREFILL);
        String what = arm + ", decoded " + decoded;
        Closeness.assertClose(what, blended.steps().get(decoded).logits(), full.prefill().logits());
        Closeness.assertClose(what, blended.steps().get(decoded).kv(), full.prefill().kv());
      }
    }
  }

  /** The other invariants also run on the model with a window; this one tests its boundary. */
  @Test
  @DisplayName("I15: a row attends to exactly the keys of its window, blended or not")
  void windowsHaveTheirLength() {
    int position = 1 + 5; // of a plain token, so that every arm computes it
    Prompt prompt =
        Prompts.of(plain(HEAD), plain(A), cached(B), plain(SEPARATOR), cached(C), plain(QUESTION));
    Prompt other =
        Prompts.of(
            plain(HEAD),
            plain(changed(A, 5)),
            cached(B),
            plain(SEPARATOR),
            cached(C),
            plain(QUESTION));
    worker.collect(prompt);
    for (Arm arm :
        List.of(
            FULL_PREFILL,
            Arms.byValue(1),
            Arms.random(1),
            Arms.random(0.5),
            Arms.queryAttention(1))) {
      Run before = worker.run(prompt, arm);
      Run after = worker.run(other, arm);
      List<Integer> differing =
          IntStream.range(0, before.prefill().kv().positionCount())
              .filter(p -> after.activeRows().contains(p))
              .filter(p -> differ(after.prefill().kv(), before.prefill().kv(), 1, p))
              .boxed()
              .toList();
      assertThat(differing)
          .as(arm.toString())
          .isEqualTo(
              after.activeRows().stream()
                  .filter(p -> p >= position)
                  .filter(p -> !model.firstLayerHasWindow() || p < position + SmallModel.WINDOW)
                  .toList());
    }
  }

  @Test
  @DisplayName(
      "I17: without cached rows every arm is full prefill; with cached rows only, one row is"
          + " computed")
  void extremesOfCaching() {
    Prompt misses = Prompts.of(plain(HEAD), plain(A), plain(B), plain(QUESTION));
    Run full = worker.run(misses, FULL_PREFILL, 3);
    for (Arm arm :
        Arms.and(
            Arms.byAttention(0.15),
            List.of(FULL_KV_REUSE, Arms.byValue(0.15), Arms.random(0), Arms.chunkHeads(3)))) {
      Closeness.assertSame(arm.toString(), worker.run(misses, arm, 3), full);
    }
    Prompt hits = Prompts.of(cached(A), cached(B), cached(QUESTION));
    worker.collect(hits);
    int last = Prompts.tokenIds(hits).length() - 1;
    for (Arm arm :
        Arms.and(
            Arms.byAttention(0),
            List.of(FULL_KV_REUSE, Arms.byValue(0), Arms.random(0), Arms.chunkHeads(0.0)))) {
      Run run = worker.run(hits, arm, 2);
      assertThat(run.activeRows()).as(arm.toString()).containsExactly(last);
      assertThat(run.result().rows().computed()).isEqualTo(1);
      assertThat(run.result().rows().reused()).isEqualTo(last);
      Closeness.assertFinite(arm.toString(), run.kv());
      run.steps().forEach(s -> Closeness.assertClose(arm.toString(), s.logits(), s.logits()));
    }
  }

  private static boolean differ(KvImage a, KvImage b, int layer, int position) {
    return !Arrays.equals(a.value(layer, position), b.value(layer, position));
  }
}
