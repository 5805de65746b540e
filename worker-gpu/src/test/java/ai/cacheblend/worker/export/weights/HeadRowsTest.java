package ai.cacheblend.worker.export.weights;

import static org.assertj.core.api.Assertions.assertThat;

import ai.cacheblend.worker.export.weights.WeightSource.FloatStream;
import java.io.IOException;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

final class HeadRowsTest {

  /** Rotated: 0 with 2, 1 with 3. In the graph, i rotates with i + 4. */
  private static final int[] ORDER = {0, 1, 4, 5, 2, 3, 6, 7};

  private final HeadRows rows = new HeadRows(2, 8, 4);

  @Test
  void rotatedPairsAreHalfAHeadApart() {
    assertThat(IntStream.range(0, 8).map(rows::source)).containsExactly(0, 1, 4, 5, 2, 3, 6, 7);
    assertThat(IntStream.range(0, 8).map(new HeadRows(1, 8, 8)::source))
        .containsExactly(0, 1, 2, 3, 4, 5, 6, 7);
    assertThat(IntStream.range(0, 6).map(new HeadRows(1, 6, 2)::source))
        .containsExactly(0, 2, 3, 1, 4, 5);
  }

  /** Two heads of 8 rows in graph order, then 3 rows as they are, in any parts. */
  @ParameterizedTest
  @ValueSource(ints = {1, 2, 5, 16, 38})
  void rowsOfEachHeadAreReordered(int part) throws IOException {
    FloatStream stream = rows.reordered(new Counting(), 2);
    float[] numbers = new float[19 * 2];
    for (int done = 0; done < numbers.length; done += part) {
      int count = Math.min(part, numbers.length - done);
      float[] into = new float[count];
      stream.read(into, count);
      System.arraycopy(into, 0, numbers, done, count);
    }
    for (int row = 0; row < 19; row++) {
      int source = row < 16 ? row / 8 * 8 + ORDER[row % 8] : row;
      assertThat(numbers[row * 2]).isEqualTo(source * 2f);
      assertThat(numbers[row * 2 + 1]).isEqualTo(source * 2f + 1);
    }
  }

  private static final class Counting implements FloatStream {
    private int next;

    @Override
    public void read(float[] into, int count) {
      for (int i = 0; i < count; i++) {
        into[i] = next++;
      }
    }
  }
}
