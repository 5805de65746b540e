package ai.cacheblend.worker.model;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;

import com.google.common.primitives.ImmutableIntArray;
import org.junit.jupiter.api.Test;

class PositionsTest {
  @Test
  void rowsHaveTheirPositions() {
    assertThat(Positions.upTo(5)).isEqualTo(new Positions.Range(0, 5));
    assertThat(Positions.only(7)).isEqualTo(new Positions.Range(7, 8));
    Positions range = new Positions.Range(3, 6);
    assertThat(range.count()).isEqualTo(3);
    assertThat(range.get(2)).isEqualTo(5);
    Positions listed = new Positions.Listed(ImmutableIntArray.of(1, 4));
    assertThat(listed.count()).isEqualTo(2);
    assertThat(listed.get(1)).isEqualTo(4);
  }

  @Test
  void stepWithoutRowsIsRejected() {
    assertThatIllegalArgumentException().isThrownBy(() -> Positions.upTo(0));
    assertThatIllegalArgumentException().isThrownBy(() -> new Positions.Range(-1, 2));
    assertThatIllegalArgumentException()
        .isThrownBy(() -> new Positions.Listed(ImmutableIntArray.of()));
  }
}
