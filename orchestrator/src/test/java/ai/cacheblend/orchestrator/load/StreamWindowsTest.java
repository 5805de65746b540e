package ai.cacheblend.orchestrator.load;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import ai.cacheblend.orchestrator.plan.RowCounts;
import ai.cacheblend.orchestrator.plan.RowLayers;
import ai.cacheblend.orchestrator.records.LoadRequest;
import ai.cacheblend.orchestrator.records.LoadStream;
import ai.cacheblend.orchestrator.testing.LoadSamples;
import com.google.common.primitives.ImmutableLongArray;
import java.util.List;
import java.util.Optional;
import java.util.Random;
import java.util.function.IntToDoubleFunction;
import java.util.function.IntUnaryOperator;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;

final class StreamWindowsTest {
  private static final int REQUESTS = 200;
  private static final double FULL_MILLIS = 400;

  @Test
  void aConstantSpeedUpHasNoResolvedChange() {
    LoadStream.Change change = stream(n -> 2, n -> 1).change().orElseThrow();

    assertThat(change.verdict()).isEqualTo("no change resolved");
    assertThat(change.interval().contains(1)).isTrue();
    assertThat(change.earlySpeedUp()).isCloseTo(2, within(0.2));
    assertThat(change.hitRate()).hasValue(new LoadStream.HitRates(0.5, 0.5));
  }

  /** From a speed-up of 4 and hits only to none, as chunks are evicted before they are reused. */
  @Test
  void aDecayingSpeedUpIsFound() {
    LoadStream stream = stream(n -> 4 - 3.0 * n / REQUESTS, n -> n < 100 ? 0 : 2);
    LoadStream.Change change = stream.change().orElseThrow();

    assertThat(change.verdict()).isEqualTo("decays");
    assertThat(change.ratio())
        .isCloseTo(change.lateSpeedUp() / change.earlySpeedUp(), within(1e-9));
    assertThat(change.hitRate()).hasValue(new LoadStream.HitRates(1, 0));
    assertThat(stream.windows()).hasSize(10);
    assertThat(stream.windows().get(0).hitRate()).hasValue(1.0);
    assertThat(stream.windows().get(9).hitRate()).hasValue(0.0);
    assertThat(stream.windows().get(9).first()).isEqualTo(180);
    assertThat(stream.windows().get(9).speedUp().orElseThrow())
        .isLessThan(stream.windows().get(0).speedUp().orElseThrow());
  }

  /** The first window has the cold start. */
  @Test
  void aColdStartIsNoRise() {
    LoadStream.Change change = stream(n -> n < 20 ? 0.5 : 2, n -> n < 20 ? 2 : 0).change().get();

    assertThat(change.verdict()).isEqualTo("no change resolved");
    assertThat(change.hitRate()).hasValue(new LoadStream.HitRates(1, 1));
    assertThat(stream(n -> 1 + 3.0 * n / REQUESTS, n -> 0).change().get().verdict())
        .isEqualTo("rises");
  }

  @Test
  void fullPrefillHasWindowsAndNoSpeedUp() {
    LoadStream stream = StreamWindows.of(requests(n -> 1, n -> 0), Optional.empty(), false);

    assertThat(stream.change()).isEmpty();
    assertThat(stream.windows()).allMatch(window -> window.speedUp().isEmpty());
    assertThat(stream.windows().stream().mapToInt(LoadStream.Window::requests).sum())
        .isEqualTo(REQUESTS);
  }

  @Test
  void fewRequestsAreNotJudged() {
    List<LoadRequest> few = requests(n -> 2, n -> 1).subList(0, 20);

    LoadStream stream = StreamWindows.of(few, Optional.of(few), false);

    assertThat(stream.windows()).hasSize(3);
    assertThat(stream.change()).isEmpty();
  }

  private static LoadStream stream(IntToDoubleFunction speedUp, IntUnaryOperator misses) {
    return StreamWindows.of(
        requests(speedUp, misses), Optional.of(requests(n -> 1, n -> 0)), false);
  }

  /** Requests of two chunks, with ten percent of noise. */
  private static List<LoadRequest> requests(IntToDoubleFunction speedUp, IntUnaryOperator misses) {
    Random random = new Random(3);
    LoadRequest like = LoadSamples.streamSlices().get(0).measured().get(0);
    return IntStream.range(0, REQUESTS)
        .mapToObj(
            n -> {
              double millis =
                  FULL_MILLIS / speedUp.applyAsDouble(n) * Math.exp(0.1 * random.nextGaussian());
              long due = n * 1_000_000_000L;
              long first = due + Math.round(millis * 1e6);
              return new LoadRequest(
                  n,
                  like.phase(),
                  like.workerName(),
                  LoadRequest.Outcome.OK,
                  Optional.empty(),
                  new LoadRequest.Moments(due, due, due, ImmutableLongArray.of(first), first),
                  64,
                  new LoadRequest.Reuse(2, misses.applyAsInt(n), 0),
                  Optional.of(new RowCounts(64, 26, 5, 33, new RowLayers(0, 0))),
                  like.worker());
            })
        .toList();
  }
}
