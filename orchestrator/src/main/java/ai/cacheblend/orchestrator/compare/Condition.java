package ai.cacheblend.orchestrator.compare;

import ai.cacheblend.metrics.Holm;
import ai.cacheblend.metrics.MeanDifference;
import ai.cacheblend.orchestrator.plan.ChunkSource;
import ai.cacheblend.orchestrator.plan.PlanException;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.IntStream;

/**
 * A change that fails a comparison, such as {@code ttft>+5%} or {@code quality of cacheblend on
 * pocketwiki<-0.02}.
 *
 * @param text as given by the user
 * @param above whether changes above the limit fail, rather than those below
 * @param limit on the change: a share for relative measures
 */
public record Condition(
    String text,
    ComparedMeasure measure,
    Optional<String> arm,
    Optional<Integer> length,
    Optional<String> load,
    Optional<Integer> chunkTokens,
    Optional<String> tier,
    Optional<String> dataset,
    boolean above,
    double limit) {

  /** Probability that one end of a 95 % interval is beyond the true value. */
  private static final double LEVEL = 0.025;

  private static final Pattern FORM =
      Pattern.compile(
          "(ttft|speedup|quality|itl|throughput|capacity)(?:\\s+of\\s+([^\\s<>]+))?"
              + "(?:\\s+at\\s+(?:(\\d{1,9})|((?:rate|concurrency)\\s+\\d+(?:\\.\\d+)?)))?"
              + "(?:\\s+in\\s+chunks\\s+of\\s+(\\d{1,9}))?"
              + "(?:\\s+from\\s+(device|(?:host|disk|store)(?:@[0-9.]+[KMG]?B/s)?))?"
              + "(?:\\s+on\\s+([^<>]*[^\\s<>]))?\\s*([<>])\\s*([+-]?\\d+(?:\\.\\d+)?)(%?)");

  /** Parses a condition. Throws {@link PlanException} if it is malformed. */
  public static Condition parse(String text) {
    Matcher form = FORM.matcher(text.strip());
    PlanException.require(
        form.matches(),
        "fail-if is '"
            + text
            + "'; write for example 'ttft>+5%', 'ttft of cacheblend at 4096>+5%' or"
            + " 'quality on pocketwiki<-0.02'");
    ComparedMeasure measure = ComparedMeasure.valueOf(form.group(1).toUpperCase(Locale.ROOT));
    boolean percent = !form.group(10).isEmpty();
    PlanException.require(
        percent == measure.relative(),
        "fail-if is '"
            + text
            + "'; give "
            + (measure.relative()
                ? measure.label() + " a limit in %"
                : "quality a limit as a difference of scores, without %"));
    double limit = Double.parseDouble(form.group(9)) / (percent ? 100 : 1);
    PlanException.require(
        !measure.relative() || limit > -1,
        "fail-if is '" + text + "'; a share cannot fall by 100 % or more");
    return new Condition(
        text,
        measure,
        Optional.ofNullable(form.group(2)),
        Optional.ofNullable(form.group(3)).map(Integer::valueOf),
        Optional.ofNullable(form.group(4)).map(load -> load.replaceAll("\\s+", " ")),
        Optional.ofNullable(form.group(5)).map(Integer::valueOf),
        Optional.ofNullable(form.group(6)).map(Condition::place),
        Optional.ofNullable(form.group(7)),
        form.group(8).equals(">"),
        limit);
  }

  /** As cells write it. */
  private static String place(String text) {
    return text.equals(ChunkSource.DEVICE) ? text : ChunkSource.ofId(text).id();
  }

  boolean isAbout(Cell cell) {
    return cell.measure() == measure
        && arm.map(cell.arm()::equals).orElse(true)
        && length.map(l -> cell.length().equals(Optional.of(l))).orElse(true)
        && load.map(l -> cell.load().equals(Optional.of(l))).orElse(true)
        && chunkTokens.map(t -> cell.chunkTokens().equals(Optional.of(t))).orElse(true)
        && tier.map(t -> cell.tier().equals(Optional.of(t))).orElse(true)
        && dataset.map(d -> cell.dataset().equals(Optional.of(d))).orElse(true);
  }

  /**
   * The effects whose whole 95 % interval lies beyond the limit, the intervals being widened by
   * Holm's method if the condition matches several.
   *
   * @throws PlanException if it matches none
   */
  List<Effect> failing(List<Effect> effects) {
    List<Effect> about = effects.stream().filter(effect -> isAbout(effect.cell())).toList();
    PlanException.require(
        !about.isEmpty(),
        "fail-if is '"
            + text
            + "', which matches nothing that both runs have; they have for example "
            + effects.stream().findFirst().map(e -> e.cell().words()).orElse("nothing"));
    List<Effect> tested = about.stream().filter(effect -> effect.test().isPresent()).toList();
    double[] adjusted =
        Holm.adjusted(
            tested.stream().mapToDouble(effect -> p(effect.test().orElseThrow())).toArray());
    return IntStream.range(0, tested.size())
        .filter(i -> adjusted[i] < LEVEL)
        .mapToObj(tested::get)
        .toList();
  }

  private double p(MeanDifference test) {
    double scaled = measure.changeToScale(limit);
    return above ? test.pAbove(scaled) : test.pBelow(scaled);
  }
}
