package ai.cacheblend.orchestrator.plan;

import static ai.cacheblend.orchestrator.plan.PlanException.require;

import ai.cacheblend.orchestrator.plan.Selector.Tensor;
import com.google.common.base.Splitter;
import java.util.ArrayList;
import java.util.List;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * Reads arms as the command line writes them: {@code NAME[@SHARES][:DETAIL]}.
 *
 * <pre>
 * full_prefill
 * full_kv_reuse
 * cacheblend                      ratio, check layer and selector of the run
 * cacheblend@0.15                 15 % of the cached rows
 * cacheblend@0.15:key             ranked by key deviation
 * cacheblend@1=0.2,2=0.17,3=0.15  gradual filter, LAYER=SHARE
 * chunk-head@0.15                 first rows of each chunk
 * chunk-head:k=16                 the first 16 rows of each chunk
 * random@0.15:seed=7              random rows, the control
 * </pre>
 */
public final class ArmSpecs {
  private static final Pattern SPEC =
      Pattern.compile("(?<name>[a-z_-]+)(@(?<shares>[^:@]+))?(:(?<detail>[^:@]+))?");
  private static final String SYNTAX =
      "write full_prefill, full_kv_reuse, cacheblend[@SHARE|@LAYER=SHARE,...][:value|:key],"
          + " chunk-head[@SHARE|:k=ROWS] or random[@SHARE][:seed=N]";

  private ArmSpecs() {}

  /** Arms separated by commas; a piece that starts with a digit goes on with a schedule. */
  public static List<NamedArm> parseAll(String list, ArmDefaults defaults) {
    List<String> specs = new ArrayList<>();
    for (String piece : Splitter.on(',').trimResults().split(list)) {
      boolean continues = !piece.isEmpty() && Character.isDigit(piece.charAt(0));
      if (continues && !specs.isEmpty()) {
        specs.set(specs.size() - 1, specs.get(specs.size() - 1) + "," + piece);
      } else {
        specs.add(piece);
      }
    }
    return NamedArm.distinct(specs.stream().map(spec -> parse(spec, defaults)).toList());
  }

  /** One arm. */
  public static NamedArm parse(String spec, ArmDefaults defaults) {
    Matcher matcher = SPEC.matcher(spec);
    require(matcher.matches(), "arm is '" + spec + "'; " + SYNTAX);
    Parts parts = new Parts(spec, matcher.group("shares"), matcher.group("detail"), defaults);
    return new NamedArm(
        spec,
        switch (matcher.group("name")) {
          case "full_prefill" -> parts.bare(new Arm.FullPrefill());
          case "full_kv_reuse" -> parts.bare(new Arm.FullKvReuse());
          case "cacheblend" -> new Arm.CacheBlend(parts.blend());
          case "chunk-head" -> new Arm.CacheBlend(parts.chunkHead());
          case "random" -> new Arm.CacheBlend(parts.random());
          default -> throw new PlanException("arm is '" + spec + "'; " + SYNTAX);
        });
  }

  /** {@code SHARE}, or {@code LAYER=SHARE,...}. */
  public static List<CheckStep> parseSchedule(String shares, int defaultLayer) {
    if (shares.indexOf('=') < 0) {
      return List.of(new CheckStep(defaultLayer, number("share", shares)));
    }
    List<CheckStep> steps = new ArrayList<>();
    for (String entry : Splitter.on(',').split(shares)) {
      List<String> sides = Splitter.on('=').trimResults().splitToList(entry);
      require(sides.size() == 2, "schedule entry is '" + entry + "'; write LAYER=SHARE");
      double layer = number("schedule layer", sides.get(0));
      require(layer == (int) layer, "schedule layer is " + layer + "; use a whole number");
      steps.add(new CheckStep((int) layer, number("schedule share", sides.get(1))));
    }
    return CheckStep.schedule(steps);
  }

  private static double number(String field, String text) {
    try {
      return Double.parseDouble(text.trim());
    } catch (NumberFormatException e) {
      throw new PlanException(field + " is '" + text + "'; use a number");
    }
  }

  private record Parts(String spec, String shares, String detail, ArmDefaults defaults) {

    Arm bare(Arm arm) {
      require(shares == null && detail == null, "arm is '" + spec + "'; write it without @ and :");
      return arm;
    }

    Selector blend() {
      if (shares == null && detail == null) {
        return switch (defaults.selector()) {
          case VALUE -> new Selector.Deviation(Tensor.VALUE, defaults.schedule());
          case KEY -> new Selector.Deviation(Tensor.KEY, defaults.schedule());
          case CHUNK_HEAD -> new Selector.ChunkHeadShare(defaults.recomputeRatio());
          case RANDOM -> new Selector.RandomRows(defaults.recomputeRatio(), defaults.seed());
        };
      }
      return new Selector.Deviation(
          tensor(),
          shares == null ? defaults.schedule() : parseSchedule(shares, defaults.firstCheckLayer()));
    }

    private Tensor tensor() {
      if (detail == null) {
        return defaults.selector() == ArmDefaults.SelectorKind.KEY ? Tensor.KEY : Tensor.VALUE;
      }
      require(
          detail.equals("value") || detail.equals("key"),
          "arm is '" + spec + "'; after : write value or key");
      return detail.equals("key") ? Tensor.KEY : Tensor.VALUE;
    }

    Selector chunkHead() {
      if (detail == null) {
        return new Selector.ChunkHeadShare(share());
      }
      require(shares == null, "arm is '" + spec + "'; give @SHARE or :k=ROWS, not both");
      return new Selector.ChunkHeadRows((int) labelled("k"));
    }

    Selector random() {
      return new Selector.RandomRows(share(), detail == null ? defaults.seed() : labelled("seed"));
    }

    private double share() {
      return shares == null ? defaults.recomputeRatio() : number("arm " + spec + " share", shares);
    }

    private long labelled(String label) {
      String prefix = label + "=";
      require(
          detail.matches(Pattern.quote(prefix) + "\\d{1,9}"),
          "arm is '" + spec + "'; after : write " + prefix + "NUMBER");
      return Long.parseLong(detail.substring(prefix.length()));
    }
  }
}
