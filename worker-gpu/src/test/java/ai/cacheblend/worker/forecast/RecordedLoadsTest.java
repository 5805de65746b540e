package ai.cacheblend.worker.forecast;

import static org.assertj.core.api.Assertions.assertThat;

import ai.cacheblend.worker.chunks.LoadRates;
import com.google.common.base.Ticker;
import java.io.IOException;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.OptionalDouble;
import java.util.OptionalLong;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedClass;
import org.junit.jupiter.params.provider.ValueSource;

/**
 * Replays the measurements on an H200 in their order: the controller predicts and chooses before it
 * learns each of them.
 */
@ParameterizedClass
@ValueSource(strings = {"h200-2026-11-29.csv", "h200-2026-11-30.csv"})
final class RecordedLoadsTest {
  private record Choice(RecordedLoad load, int computedChunks, double ratio) {}

  private final List<RecordedLoad> loads;
  private final List<Double> errors = new ArrayList<>();
  private final List<Choice> choices = new ArrayList<>();

  RecordedLoadsTest(String file) throws IOException {
    loads = RecordedLoad.all(file);
    LoadController controller =
        new LoadController(RecordedLoad.PLANNER, new LoadRates(Ticker.systemTicker()));
    Map<String, Long> rates = new HashMap<>();
    for (RecordedLoad load : loads) {
      if (load.loadMicros() > 0) {
        rates.put(load.limit(), load.byteCount() * 1_000_000 / load.loadMicros());
      }
      // The first answers of a run are full prefills, which load nothing.
      OptionalLong rate = OptionalLong.of(rates.getOrDefault(load.limit(), 1L));
      if (load.chosen()) {
        choices.add(choice(controller, load, rate));
      }
      controller
          .predict(load.work(), controller.loadSeconds(load.loads(load.computedChunks()), rate))
          .filter(prediction -> !load.run().equals("learn"))
          .ifPresent(p -> errors.add(Math.abs(p.ttftNanos() / 1e3 / load.ttftMicros() - 1)));
      controller.observe(load.work(), 1000 * (load.ttftMicros() - load.waitMicros()));
    }
  }

  private static Choice choice(LoadController controller, RecordedLoad load, OptionalLong rate) {
    int computed =
        controller.recomputed(load.layout(0), RecordedLoad.BLEND, load.chunks(), rate).size();
    double ratio = .15;
    if (load.arm().endsWith("@auto") && computed < load.chunks().size()) {
      ratio =
          controller.freeRatio(
              load.layout(computed), RecordedLoad.BLEND, load.loads(computed), rate);
    }
    return new Choice(load, computed, ratio);
  }

  @Test
  void predictionsAreThoseThatWereMeasured() {
    assertThat(errors).hasSizeGreaterThan(190);
    assertThat(median(errors.stream()).orElseThrow()).isLessThan(.025);
    assertThat(errors.stream().filter(error -> error > .1))
        .hasSizeLessThan((int) (.12 * errors.size()));
  }

  /** By the measured times of that choice, where there are some. */
  @Test
  void choiceIsAtMostFivePercentSlowerThanTheBestFixedPolicy() {
    int compared = 0;
    for (Choice choice : choices) {
      OptionalDouble chosen = measuredMicros(choice.load(), choice.computedChunks());
      OptionalDouble full = measuredMicros(choice.load(), choice.load().chunks().size());
      OptionalDouble loadAll = measuredMicros(choice.load(), 0);
      if (chosen.isPresent()) {
        compared++;
        double best = Math.min(full.orElseThrow(), loadAll.orElseThrow());
        assertThat(chosen.getAsDouble() / best).as("%s", choice).isLessThan(1.05);
      }
    }
    assertThat(compared).isGreaterThan((int) (.9 * choices.size()));
  }

  /**
   * The median of answers at this length and rate, with a ratio of 15 %, or none if all chunks are
   * computed. First uses of their row counts are left out.
   */
  private OptionalDouble measuredMicros(RecordedLoad of, int computed) {
    List<Double> micros = new ArrayList<>();
    for (int i = 0; i < loads.size(); i++) {
      RecordedLoad load = loads.get(i);
      boolean full = load.arm().equals("full_prefill");
      int count = full ? load.chunks().size() : load.computedChunks();
      if (load.tokens() == of.tokens()
          && load.limit().equals(of.limit())
          && count == computed
          && (full || load.arm().equals("cacheblend@0.15"))
          && loads.subList(0, i).stream().anyMatch(load::sameRows)) {
        micros.add((double) load.ttftMicros());
      }
    }
    return median(micros.stream());
  }

  private static OptionalDouble median(Stream<Double> values) {
    List<Double> sorted = values.sorted().toList();
    return sorted.isEmpty()
        ? OptionalDouble.empty()
        : OptionalDouble.of(
            (sorted.get((sorted.size() - 1) / 2) + sorted.get(sorted.size() / 2)) / 2);
  }

  /**
   * With 12 GB/s, computing one chunk is predicted to be faster than loading all in 22.7 ms. The
   * first prompts that did so took 27.2 and 34.9 ms, because the row count ran for the first time.
   */
  @Test
  void loadsAllIfTheGainIsLessThanTheCostOfAFirstUse() {
    assertThat(choices.stream().filter(c -> is(c, 2048, "12GB-s")).findFirst())
        .hasValueSatisfying(choice -> assertThat(choice.computedChunks()).isZero());
  }

  /** The first use says nothing about later ones: the choice is made from then on. */
  @Test
  void firstUseDoesNotCountAgainstAChoice() {
    assertThat(choices.stream().filter(c -> is(c, 2048, "12GB-s")).skip(2))
        .isNotEmpty()
        .allSatisfy(choice -> assertThat(choice.computedChunks()).isOne());
  }

  /** Otherwise most of the chunks would be loaded at 5 GB/s, too. */
  @Test
  void mixesWhereTheGainIsLarge() {
    assertThat(choices.stream().filter(c -> is(c, 4096, "5GB-s")))
        .allSatisfy(choice -> assertThat(choice.computedChunks()).isEqualTo(4));
    assertThat(choices.stream().filter(c -> is(c, 16_384, "3GB-s")))
        .allSatisfy(choice -> assertThat(choice.computedChunks()).isBetween(18, 20));
  }

  /** The load of 2048 tokens is hidden behind 15 % at 55 and at 25 GB/s: nothing is free. */
  @Test
  void ratioIsNotRaisedIfTheLoadIsHidden() {
    assertThat(choices.stream().filter(c -> is(c, 2048, "55GB-s") || is(c, 2048, "25GB-s")))
        .isNotEmpty()
        .allSatisfy(choice -> assertThat(choice.ratio()).isEqualTo(.15));
  }

  private static boolean is(Choice choice, int tokens, String limit) {
    return choice.load().tokens() == tokens && choice.load().limit().equals(limit);
  }
}
