package ai.cacheblend.orchestrator.plan;

import static ai.cacheblend.orchestrator.plan.PlanException.require;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import java.util.TreeSet;

/**
 * The JSON form of arms, in request files, plans and records: {@code method}, for {@code
 * cacheblend} also {@code selector} and the fields of that selector.
 */
public final class ArmJson {
  private static final String NAME = "name";
  private static final String METHOD = "method";
  private static final String SELECTOR = "selector";
  private static final String CACHEBLEND = "cacheblend";

  /** Absent, or {@code auto}: the share of the selector is the least one. */
  private static final String RATIO = "ratio";

  private static final String AUTO = "auto";

  private ArmJson() {}

  /** All fields of the JSON forms of arms. */
  public static Set<String> fields() {
    Set<String> fields = new TreeSet<>(Set.of(METHOD, SELECTOR, RATIO));
    for (SelectorKind kind : SelectorKind.values()) {
      fields.addAll(kind.form().fields());
    }
    return fields;
  }

  /** Reads an arm; absent fields have the values of {@code defaults}. */
  public static Arm read(JsonFields json, ArmDefaults defaults) {
    String method = json.string(METHOD, "");
    if (method.equals(CACHEBLEND)) {
      String ratio = json.string(RATIO, "");
      require(
          ratio.isEmpty() || ratio.equals(AUTO),
          "ratio is '" + ratio + "'; use auto, or recompute_ratio for a number");
      return new Arm.CacheBlend(selector(json, defaults), ratio.equals(AUTO));
    }
    return PlainArms.of(method)
        .orElseThrow(
            () ->
                new PlanException(
                    "method is '"
                        + method
                        + "'; use "
                        + String.join(", ", PlainArms.names())
                        + " or "
                        + CACHEBLEND));
  }

  private static Selector selector(JsonFields json, ArmDefaults defaults) {
    String name = json.string(SELECTOR, SelectorKind.DEVIATION.jsonName());
    return SelectorKind.ofJson(name)
        .orElseThrow(
            () ->
                new PlanException(
                    "selector is '"
                        + name
                        + "'; use "
                        + String.join(", ", SelectorKind.jsonNames())))
        .form()
        .read(json, defaults);
  }

  /** Writes all fields of {@code arm} into {@code json}, including those with default values. */
  public static void write(Arm arm, ObjectNode json) {
    if (arm instanceof Arm.CacheBlend blend) {
      SelectorKind kind = blend.selector().kind();
      json.put(METHOD, CACHEBLEND);
      json.put(SELECTOR, kind.jsonName());
      kind.form().write(blend.selector(), json);
      if (blend.raisesRatio()) {
        json.put(RATIO, AUTO);
      }
    } else {
      json.put(METHOD, PlainArms.name(arm));
    }
  }

  /** Reads the arms of a plan: objects with a {@code name}, or strings for {@link ArmSyntax}. */
  public static List<NamedArm> readAll(List<JsonNode> arms, long seed) {
    ArmDefaults defaults = ArmDefaults.seed(seed);
    Set<String> known = fields();
    known.add(NAME);
    List<NamedArm> named = new ArrayList<>();
    for (JsonNode element : arms) {
      if (element.isTextual()) {
        named.add(ArmSyntax.parse(element.textValue(), defaults));
      } else {
        JsonFields arm =
            new JsonFields("arms[" + named.size() + "]", element, known).requiring(NAME, METHOD);
        named.add(new NamedArm(arm.string(NAME, ""), read(arm, defaults)));
      }
    }
    return named;
  }

  /** Writes the form that {@link #readAll} reads. */
  public static ArrayNode writeAll(List<NamedArm> arms) {
    ArrayNode array = JsonNodeFactory.instance.arrayNode();
    for (NamedArm named : arms) {
      write(named.arm(), array.addObject().put(NAME, named.name()));
    }
    return array;
  }
}
