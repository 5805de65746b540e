package ai.cacheblend.orchestrator.load;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import ai.cacheblend.metrics.Summary;
import ai.cacheblend.orchestrator.plan.Arrivals;
import ai.cacheblend.orchestrator.plan.LoadPlan;
import ai.cacheblend.orchestrator.plan.Popularity;
import ai.cacheblend.orchestrator.records.LoadRequest;
import ai.cacheblend.orchestrator.records.LoadSlice;
import ai.cacheblend.orchestrator.records.Phase;
import com.google.common.primitives.ImmutableIntArray;
import com.google.common.primitives.ImmutableLongArray;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.SplittableRandom;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

final class ScheduleTest {
  private static final long SECOND = 1_000_000_000;

  @ParameterizedTest
  @ValueSource(doubles = {0, 0.5, 1, 2})
  void gapsHaveTheRateAndTheVariation(double variation) {
    ArrivalGaps gaps = new ArrivalGaps(new Arrivals(variation), 50, 3);
    Summary summary =
        Summary.of(IntStream.range(0, 50_000).mapToDouble(i -> gaps.getAsLong()).toArray());

    assertThat(summary.mean()).isCloseTo(0.02 * SECOND, within(0.001 * SECOND));
    assertThat(summary.sampleStd() / summary.mean()).isCloseTo(variation, within(0.05));
  }

  @Test
  void aWindowOfRequestsHoldsThatManyGaps() {
    OpenSchedule schedule = new OpenSchedule(1000, () -> 10, 2, LoadPlan.Extent.ofRequests(3));

    List<Long> due = new ArrayList<>();
    List<Phase> phases = new ArrayList<>();
    while (!schedule.exhausted()) {
      due.add(schedule.due().orElseThrow());
      phases.add(schedule.take());
    }

    assertThat(due).containsExactly(1010L, 1020L, 1030L, 1040L, 1050L);
    assertThat(phases)
        .containsExactly(
            Phase.WARMUP, Phase.WARMUP, Phase.MEASURED, Phase.MEASURED, Phase.MEASURED);
    assertThat(schedule.window()).isEqualTo(new LoadSlice.Window(1020, 1050));
    assertThat(schedule.due()).isEmpty();
  }

  @Test
  void aWindowOfTimeEndsThere() {
    OpenSchedule schedule = new OpenSchedule(0, () -> SECOND / 4, 1, LoadPlan.Extent.ofSeconds(1));

    int count = 0;
    while (!schedule.exhausted()) {
      Phase unused = schedule.take();
      count++;
    }
    assertThat(count).isEqualTo(1 + 3);
    assertThat(schedule.window()).isEqualTo(new LoadSlice.Window(SECOND / 4, SECOND / 4 * 5));
  }

  @Test
  void aClosedLoopSendsWhenARequestHasEnded() {
    ClosedSchedule schedule = new ClosedSchedule(100, 2, 2, LoadPlan.Extent.ofRequests(2));

    assertThat(schedule.due()).hasValue(100);
    assertThat(schedule.take()).isEqualTo(Phase.WARMUP);
    assertThat(schedule.take()).isEqualTo(Phase.WARMUP);
    assertThat(schedule.due()).isEmpty();
    assertThat(schedule.exhausted()).isFalse();
    schedule.ended(request(150, true));
    assertThat(schedule.due()).hasValue(150);
    assertThat(schedule.take()).isEqualTo(Phase.MEASURED);
    schedule.ended(request(170, false));
    assertThat(schedule.due()).hasValue(170 + ClosedSchedule.PAUSE_NANOS);
    schedule.ended(request(180, true));
    assertThat(schedule.due()).hasValue(180);
    assertThat(schedule.take()).isEqualTo(Phase.MEASURED);
    assertThat(schedule.exhausted()).isTrue();
    assertThat(schedule.window())
        .isEqualTo(new LoadSlice.Window(150, 170 + ClosedSchedule.PAUSE_NANOS));
  }

  @Test
  void aClosedLoopOfATimeEndsWithIt() {
    ClosedSchedule schedule = new ClosedSchedule(0, 1, 0, LoadPlan.Extent.ofSeconds(1));

    int count = 0;
    while (!schedule.exhausted()) {
      Phase unused = schedule.take();
      count++;
      schedule.ended(request(count * SECOND / 3, true));
    }
    assertThat(count).isEqualTo(3);
    assertThat(schedule.window()).isEqualTo(new LoadSlice.Window(0, SECOND));
  }

  private static LoadRequest request(long endedNanos, boolean ok) {
    return new LoadRequest(
        0,
        Phase.MEASURED,
        "w",
        ok ? LoadRequest.Outcome.OK : LoadRequest.Outcome.REFUSED,
        ok ? Optional.empty() : Optional.of("queue full"),
        new LoadRequest.Moments(
            0, 0, 0, ok ? ImmutableLongArray.of(endedNanos) : ImmutableLongArray.of(), endedNanos),
        1,
        LoadRequest.Reuse.NONE,
        Optional.empty(),
        Optional.empty());
  }

  @Test
  void theFirstOfDifferentRanksFollowsZipfsLaw() {
    ZipfRanks ranks = new ZipfRanks(10, new Popularity(1));
    SplittableRandom random = new SplittableRandom(2);
    int[] counts = new int[10];
    for (int i = 0; i < 20_000; i++) {
      int[] drawn = ranks.draw(4, random);
      assertThat(drawn).hasSize(4).doesNotHaveDuplicates();
      counts[drawn[0]]++;
    }
    double harmonic = IntStream.rangeClosed(1, 10).mapToDouble(r -> 1.0 / r).sum();
    for (int rank = 0; rank < 10; rank++) {
      assertThat(counts[rank] / 20_000.0).isCloseTo(1 / harmonic / (rank + 1), within(0.012));
    }
  }

  @Test
  void ranksAreFoundWhereFewHaveAllTheWeight() {
    int[] drawn = new ZipfRanks(50, new Popularity(5)).draw(50, new SplittableRandom(1));

    assertThat(drawn).hasSize(50).doesNotHaveDuplicates();
  }

  @Test
  void chunksOfATextAreDifferentAfterItIsUsedUp() {
    TokenText text = new TokenText(ImmutableIntArray.copyOf(IntStream.range(0, 120)));

    Set<ImmutableIntArray> chunks = new HashSet<>();
    for (int id = 0; id < 120; id++) {
      assertThat(text.chunk(id, 6)).matches(chunk -> chunk.length() == 6);
      chunks.add(text.chunk(id, 6));
    }
    assertThat(chunks).hasSize(120);
    assertThat(text.at(118, 4)).isEqualTo(ImmutableIntArray.of(118, 119, 0, 1));
  }
}
