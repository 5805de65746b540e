package ai.cacheblend.orchestrator.dataset;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import ai.cacheblend.orchestrator.plan.Sampling;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalInt;
import java.util.Set;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;

final class SampleDrawTest {
  private static final int ITEMS = 12;
  private static final int DRAWN = 3;

  @Test
  void firstSamplesEndTheReading() {
    SampleDraw draw = new SampleDraw(Sampling.FIRST, 2, 7);
    draw.offer(sample(0));
    assertThat(draw.open()).isTrue();
    draw.offer(sample(1));
    assertThat(draw.open()).isFalse();
    draw.offer(sample(2));

    assertThat(ids(draw)).containsExactly("0", "1");
  }

  @Test
  void everyItemIsEquallyLikelyAndInOrder() {
    int[] counts = new int[ITEMS];
    int seeds = 4000;
    for (int seed = 0; seed < seeds; seed++) {
      List<String> ids = ids(drawn(seed));
      assertThat(ids).hasSize(DRAWN).doesNotHaveDuplicates();
      assertThat(ids.stream().map(Integer::valueOf).toList()).isSorted();
      ids.forEach(id -> counts[Integer.parseInt(id)]++);
    }

    double expected = (double) seeds * DRAWN / ITEMS;
    // Four standard deviations of a binomial count.
    double tolerance = 4 * Math.sqrt(expected * (1 - (double) DRAWN / ITEMS));
    for (int count : counts) {
      assertThat((double) count).isCloseTo(expected, within(tolerance));
    }
  }

  @Test
  void drawDependsOnTheSeedOnly() {
    assertThat(ids(drawn(1))).isEqualTo(ids(drawn(1)));
    assertThat(IntStream.range(0, 20).mapToObj(seed -> ids(drawn(seed))).distinct().toList())
        .hasSizeGreaterThan(10);
  }

  @Test
  void fewItemsAreAllUsed() {
    SampleDraw draw = new SampleDraw(Sampling.RANDOM, 5, 7);
    draw.offer(sample(0));
    draw.offer(sample(1));

    assertThat(ids(draw)).containsExactly("0", "1");
  }

  @Test
  void randomSamplesComeFromTheWholeDataSet() {
    DatasetOptions options =
        new DatasetOptions(20, Sampling.RANDOM, Optional.empty(), OptionalInt.empty(), 0);
    List<QualitySample> all =
        Datasets.load("pocketwiki", DatasetOptions.samples(200), Map.of()).samples();

    List<QualitySample> drawn = Datasets.load("pocketwiki", options, Map.of()).samples();

    assertThat(drawn).hasSize(20).isSubsetOf(all);
    assertThat(all.indexOf(drawn.get(19))).isGreaterThan(100);
  }

  private static SampleDraw drawn(long seed) {
    SampleDraw draw = new SampleDraw(Sampling.RANDOM, DRAWN, seed);
    IntStream.range(0, ITEMS).forEach(i -> draw.offer(sample(i)));
    return draw;
  }

  private static List<String> ids(SampleDraw draw) {
    return draw.samples().stream().map(QualitySample::id).toList();
  }

  private static QualitySample sample(int number) {
    return new QualitySample(
        "" + number, "q", List.of(new PromptPart("p", true)), Set.of(), List.of("a"), "", 0);
  }
}
