package ai.cacheblend.worker.blend;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;
import static org.junit.jupiter.params.provider.Arguments.arguments;

import ai.cacheblend.worker.blend.Selector.CheckStep;
import ai.cacheblend.worker.blend.Selector.Tensor;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;
import org.junit.jupiter.params.provider.ValueSource;

class SelectorTest {
  @ParameterizedTest
  @ValueSource(doubles = {-1, -1e-9, 1.0000001, Double.NaN, Double.POSITIVE_INFINITY})
  void sharesOutsideOfZeroToOneAreRefused(double share) {
    String value = String.valueOf(share);
    assertThatIllegalArgumentException()
        .isThrownBy(() -> new CheckStep(1, share))
        .withMessageContainingAll("layer 1", value, "[0, 1]");
    assertThatIllegalArgumentException()
        .isThrownBy(() -> new Selector.ChunkHeadShare(share))
        .withMessageContainingAll("chunk_head recompute_ratio", value, "[0, 1]");
    assertThatIllegalArgumentException()
        .isThrownBy(() -> new Selector.QueryAttention(share, false, List.of()))
        .withMessageContainingAll("query_attention recompute_ratio", value, "[0, 1]");
    assertThatIllegalArgumentException()
        .isThrownBy(() -> new Selector.HeadAttention(share, List.of()))
        .withMessageContainingAll("head_attention recompute_ratio", value, "[0, 1]");
    assertThatIllegalArgumentException()
        .isThrownBy(() -> new Selector.Random(share, 1))
        .withMessageContainingAll("random recompute_ratio", value, "[0, 1]");
  }

  @Test
  void checkLayerZeroIsRefused() {
    assertThatIllegalArgumentException()
        .isThrownBy(() -> new CheckStep(0, 0.15))
        .withMessageContainingAll("layer is 0", "1 or more");
  }

  @Test
  void scheduleRequiresAscendingLayersAndNonAscendingShares() {
    assertThatIllegalArgumentException()
        .isThrownBy(() -> deviation())
        .withMessageContaining("empty");
    assertThatIllegalArgumentException()
        .isThrownBy(() -> deviation(new CheckStep(2, 0.5), new CheckStep(2, 0.4)))
        .withMessageContaining("layer 2 follows layer 2");
    assertThatIllegalArgumentException()
        .isThrownBy(() -> deviation(new CheckStep(1, 0.1), new CheckStep(2, 0.4)))
        .withMessageContaining("share 0.4 of layer 2");
  }

  static Stream<Arguments> ratios() {
    List<Integer> layers = List.of(2, 3);
    return Stream.of(
        arguments(deviation(new CheckStep(1, .1)), deviation(new CheckStep(1, .4))),
        arguments(new Selector.ChunkHeadShare(.1), new Selector.ChunkHeadShare(.4)),
        arguments(new Selector.Random(.1, 7), new Selector.Random(.4, 7)),
        arguments(
            new Selector.QueryAttention(.1, true, layers),
            new Selector.QueryAttention(.4, true, layers)),
        arguments(new Selector.HeadAttention(.1, layers), new Selector.HeadAttention(.4, layers)),
        arguments(
            new Selector.DeviationAttention(deviation(new CheckStep(1, .1)), layers),
            new Selector.DeviationAttention(deviation(new CheckStep(1, .4)), layers)));
  }

  @ParameterizedTest
  @MethodSource("ratios")
  void otherRatioKeepsTheRestOfTheRule(Selector selector, Selector other) {
    assertThat(selector.ratio()).hasValue(.1);
    assertThat(other.ratio()).hasValue(.4);
    assertThat(selector.withRatio(.4)).isEqualTo(other);
  }

  @Test
  void ratioOfSeveralCheckLayersAndOfRowsPerChunkIsNoNumber() {
    Selector gradual = deviation(new CheckStep(1, .4), new CheckStep(2, .1));
    Selector rows = new Selector.ChunkHeadRows(8);

    assertThat(gradual.ratio()).isEmpty();
    assertThat(rows.ratio()).isEmpty();
    assertThatIllegalArgumentException()
        .isThrownBy(() -> new Arm.CacheBlend(gradual, true))
        .withMessageContaining("raise_ratio is set");
  }

  @Test
  void zeroRowsPerChunkAreRejected() {
    assertThatIllegalArgumentException()
        .isThrownBy(() -> new Selector.ChunkHeadRows(0))
        .withMessageContaining("rows_per_chunk is 0");
  }

  @Test
  void attentionLayersAscend() {
    for (List<Integer> layers : List.of(List.of(2, 2), List.of(3, 1), List.of(-1))) {
      assertThatIllegalArgumentException()
          .isThrownBy(() -> new Selector.QueryAttention(0.1, true, layers))
          .withMessageContaining("attention_layers has ");
    }
  }

  private static Selector.Deviation deviation(CheckStep... steps) {
    return new Selector.Deviation(Tensor.VALUE, List.of(steps));
  }
}
