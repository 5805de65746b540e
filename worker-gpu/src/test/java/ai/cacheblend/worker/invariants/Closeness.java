package ai.cacheblend.worker.invariants;

import static org.assertj.core.api.Assertions.assertThat;

import ai.cacheblend.worker.invariants.ProbedRunner.Probe;
import java.util.List;

/** Comparisons that fail for NaN and infinity. */
final class Closeness {
  /** Ten times the fp32 rounding error of six layers; faults exceed it by far. */
  static final double TOLERANCE = 1e-4;

  private Closeness() {}

  static void assertClose(String what, float[] actual, float[] expected) {
    assertThat(actual).as(what).hasSameSizeAs(expected);
    for (int i = 0; i < expected.length; i++) {
      check(what, actual[i], expected[i]);
    }
  }

  static void assertClose(String what, KvImage actual, KvImage expected) {
    assertThat(actual.positionCount()).as(what).isEqualTo(expected.positionCount());
    assertRowsClose(what, actual, expected, 0, expected.positionCount());
  }

  /** Positions [from, to) of all layers. */
  static void assertRowsClose(String what, KvImage actual, KvImage expected, int from, int to) {
    for (int layer = 0; layer < SmallModel.LAYERS; layer++) {
      for (int p = from; p < to; p++) {
        String row = what + ", layer " + layer + ", position " + p;
        assertClose(row + ", key", actual.key(layer, p), expected.key(layer, p));
        assertClose(row + ", value", actual.value(layer, p), expected.value(layer, p));
      }
    }
  }

  /** Bit by bit. */
  static void assertRowsEqual(String what, KvImage actual, KvImage expected, int from, int to) {
    for (int layer = 0; layer < SmallModel.LAYERS; layer++) {
      for (int p = from; p < to; p++) {
        String row = what + ", layer " + layer + ", position " + p;
        assertThat(actual.key(layer, p)).as(row).isEqualTo(expected.key(layer, p));
        assertThat(actual.value(layer, p)).as(row).isEqualTo(expected.value(layer, p));
      }
    }
    assertFinite(what, actual);
  }

  static void assertClose(String what, double[] actual, double[] expected) {
    assertThat(actual).as(what).hasSameSizeAs(expected);
    for (int i = 0; i < expected.length; i++) {
      check(what, actual[i], expected[i]);
    }
  }

  /** Compares KV and logits of all steps, and the tokens. */
  static void assertSame(String what, TestWorker.Run actual, TestWorker.Run expected) {
    assertClose(what + ": KV after prefill", actual.prefill().kv(), expected.prefill().kv());
    assertThat(actual.tokens()).as(what + ": tokens").isEqualTo(expected.tokens());
    List<Probe> steps = actual.steps();
    for (int i = 0; i < steps.size(); i++) {
      String step = what + ": logits of step " + i;
      assertClose(step, steps.get(i).logits(), expected.steps().get(i).logits());
    }
    assertClose(what + ": KV at the end", actual.kv(), expected.kv());
  }

  static void assertFinite(String what, KvImage image) {
    assertClose(what, image, image);
  }

  private static void check(String what, double actual, double expected) {
    boolean close =
        Double.isFinite(actual)
            && Double.isFinite(expected)
            && Math.abs(actual - expected) <= TOLERANCE * Math.max(1, Math.abs(expected));
    if (!close) {
      throw new AssertionError(what + ": " + actual + " instead of " + expected);
    }
  }
}
