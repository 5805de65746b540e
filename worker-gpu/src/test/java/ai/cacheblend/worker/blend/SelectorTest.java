package ai.cacheblend.worker.blend;

import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;

import ai.cacheblend.worker.blend.Selector.CheckStep;
import ai.cacheblend.worker.blend.Selector.Tensor;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
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
