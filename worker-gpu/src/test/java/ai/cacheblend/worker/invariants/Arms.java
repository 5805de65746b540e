package ai.cacheblend.worker.invariants;

import ai.cacheblend.worker.blend.Arm;
import ai.cacheblend.worker.blend.Selector;
import ai.cacheblend.worker.blend.Selector.CheckStep;
import ai.cacheblend.worker.blend.Selector.Tensor;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.Stream;

/** Short factories of arms. */
final class Arms {
  static final Arm FULL_PREFILL = new Arm.FullPrefill();
  static final Arm PREFIX_CACHING = new Arm.PrefixCaching();
  static final Arm FULL_KV_REUSE = new Arm.FullKvReuse();

  private Arms() {}

  static Arm byValue(double share) {
    return deviation(Tensor.VALUE, new CheckStep(1, share));
  }

  static Arm byKey(double share) {
    return deviation(Tensor.KEY, new CheckStep(1, share));
  }

  static Arm gradual(double first, double second, double third) {
    return deviation(
        Tensor.VALUE, new CheckStep(1, first), new CheckStep(2, second), new CheckStep(3, third));
  }

  static Arm deviation(Tensor tensor, CheckStep... steps) {
    return new Arm.CacheBlend(new Selector.Deviation(tensor, List.of(steps)));
  }

  static Arm random(double share) {
    return new Arm.CacheBlend(new Selector.Random(share, 99));
  }

  static Arm chunkHeads(int rowsPerChunk) {
    return new Arm.CacheBlend(new Selector.ChunkHeadRows(rowsPerChunk));
  }

  static Arm chunkHeads(double share) {
    return new Arm.CacheBlend(new Selector.ChunkHeadShare(share));
  }

  static Arm queryAttention(double share) {
    return new Arm.CacheBlend(new Selector.QueryAttention(share, false, List.of()));
  }

  static Arm queryAttention(double share, Integer... layers) {
    return new Arm.CacheBlend(new Selector.QueryAttention(share, false, List.of(layers)));
  }

  static Arm expanded(double share) {
    return new Arm.CacheBlend(new Selector.QueryAttention(share, true, List.of()));
  }

  static Arm headAttention(double share) {
    return new Arm.CacheBlend(new Selector.HeadAttention(share, List.of()));
  }

  static Arm deviationAttention(Tensor tensor, double share) {
    return new Arm.CacheBlend(
        new Selector.DeviationAttention(
            new Selector.Deviation(tensor, List.of(new CheckStep(1, share))), List.of()));
  }

  /** The selectors that need a probe. */
  static List<Arm> byAttention(double share) {
    return List.of(
        queryAttention(share),
        expanded(share),
        headAttention(share),
        deviationAttention(Tensor.VALUE, share));
  }

  /** These and others. */
  static List<Arm> and(List<Arm> some, List<Arm> others) {
    return Stream.concat(some.stream(), others.stream()).toList();
  }

  /** All selectors, with small and large shares. */
  static List<Arm> blending() {
    List<Arm> arms = new ArrayList<>();
    for (double share : new double[] {0, 0.15, 0.5, 1}) {
      arms.add(byValue(share));
      arms.add(byKey(share));
      arms.add(deviation(Tensor.VALUE, new CheckStep(2, share)));
      arms.add(random(share));
      arms.add(chunkHeads(share));
      arms.addAll(byAttention(share));
    }
    arms.add(queryAttention(0.3, 0, 4));
    arms.add(queryAttention(0.3, 1));
    arms.add(deviationAttention(Tensor.KEY, 0.2));
    arms.add(gradual(0.5, 0.3, 0.1));
    arms.add(deviation(Tensor.KEY, new CheckStep(1, 0.4), new CheckStep(3, 0.2)));
    arms.add(chunkHeads(6));
    return arms;
  }
}
