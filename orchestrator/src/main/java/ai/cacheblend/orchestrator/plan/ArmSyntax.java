package ai.cacheblend.orchestrator.plan;

import static ai.cacheblend.orchestrator.plan.PlanException.require;

import com.google.common.base.Splitter;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.stream.Stream;

/**
 * The text form of arms, on the command line and in plans.
 *
 * <pre>
 * full_prefill
 * prefix_caching                  blocks that an earlier prompt with this beginning computed
 * full_kv_reuse
 * cacheblend                      ratio, check layer and selector of the run
 * cacheblend@0.15                 15 % of the cached rows, by value deviation
 * cacheblend@0.15:key             by key deviation
 * cacheblend@1=0.2,2=0.17,3=0.15  gradual filter, LAYER=SHARE
 * chunk-head@0.15                 first rows of each chunk
 * chunk-head:k=16                 the first 16 rows of each chunk
 * query-attn@0.15                 rows that the question attends to
 * query-attn@0.15:expand          and the rows behind them
 * query-attn@0.15:layers=8-31     by the attention of some layers
 * head-attn@0.15                  half first rows of each chunk, half by attention
 * deviation-x-attn@0.15           deviation times attention
 * random@0.15:seed=7              random rows, the control
 * cacheblend@auto                 15 %, and more while chunks are loaded; also other selectors
 * cacheblend@auto:min=0.1         10 %, and more while chunks are loaded
 * </pre>
 */
public final class ArmSyntax {
  private ArmSyntax() {}

  /** The forms that {@link #parse} accepts, for help texts and messages. */
  public static List<String> forms() {
    return Stream.concat(
            PlainArms.names().stream(),
            Stream.of(SelectorKind.values()).map(kind -> kind.form().usage()))
        .toList();
  }

  /** Arms separated by commas. A piece that starts with a digit continues a schedule. */
  public static List<NamedArm> parseAll(String list, ArmDefaults defaults) {
    List<String> texts = new ArrayList<>();
    for (String piece : Splitter.on(',').trimResults().split(list)) {
      boolean continues = !piece.isEmpty() && Character.isDigit(piece.charAt(0));
      if (continues && !texts.isEmpty()) {
        texts.set(texts.size() - 1, texts.get(texts.size() - 1) + "," + piece);
      } else {
        texts.add(piece);
      }
    }
    return NamedArm.distinct(texts.stream().map(text -> parse(text, defaults)).toList());
  }

  /** One arm, with its text as name. */
  public static NamedArm parse(String text, ArmDefaults defaults) {
    ArmText parts =
        ArmText.parse(text)
            .orElseThrow(() -> new PlanException("arm is '" + text + "'; use " + usage()));
    return new NamedArm(text, arm(parts, defaults));
  }

  private static Arm arm(ArmText text, ArmDefaults defaults) {
    Optional<Arm> plain = PlainArms.of(text.name());
    if (plain.isPresent()) {
      require(text.isBare(), "arm is '" + text + "'; write " + text.name() + " without @ and :");
      return plain.get();
    }
    SelectorKind kind =
        SelectorKind.ofArm(text.name())
            .orElseThrow(() -> new PlanException("arm is '" + text + "'; use " + usage()));
    if (kind == SelectorKind.DEVIATION && text.isBare()) {
      return new Arm.CacheBlend(defaults.plain(), defaults.raisesRatio());
    }
    Selector selector = kind.form().parse(text.withLeastShare(), defaults);
    boolean byDefault =
        defaults.raisesRatio() && text.shares().isEmpty() && selector.ratio().isPresent();
    return new Arm.CacheBlend(selector, text.isAuto() || byDefault);
  }

  private static String usage() {
    return String.join(", ", forms());
  }

  /** The text for which {@link #parse} returns {@code arm} under the same defaults. */
  public static String print(Arm arm, ArmDefaults defaults) {
    if (arm instanceof Arm.CacheBlend blend) {
      ArmText text = blend.selector().kind().form().print(blend.selector(), defaults);
      return (blend.raisesRatio() ? text.auto(defaults) : text).toString();
    }
    return PlainArms.name(arm);
  }

  /** An arm with the result of {@link #print} as name. */
  public static NamedArm named(Arm arm, ArmDefaults defaults) {
    return new NamedArm(print(arm, defaults), arm);
  }

  /** A value of {@code --selector}: {@code value}, {@code key}, or an arm without a share. */
  public static Selector parseSelector(String text, ArmDefaults defaults) {
    return SelectorKind.ofName(text)
        .flatMap(ArmText::parse)
        .filter(parts -> parts.shares().isEmpty())
        .map(parts -> SelectorKind.ofArm(parts.name()).orElseThrow().form().parse(parts, defaults))
        .orElseThrow(
            () ->
                new PlanException(
                    "selector is '" + text + "'; use " + String.join(", ", SelectorKind.names())));
  }
}
