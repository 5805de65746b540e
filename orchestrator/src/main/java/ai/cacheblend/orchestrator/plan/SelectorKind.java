package ai.cacheblend.orchestrator.plan;

import com.google.common.collect.ImmutableList;
import java.util.List;
import java.util.Optional;
import java.util.stream.Stream;

/**
 * The table of selectors. A new selector needs a row here, a {@link Selector} record, its {@link
 * SelectorForm}, and its message in the client.
 */
public enum SelectorKind {
  /** Arm name, JSON name, selectors by value of {@code --selector}, and forms. */
  DEVIATION("cacheblend", "deviation", ImmutableList.of("value", "key"), new DeviationForm()),
  CHUNK_HEAD("chunk-head", "chunk-head", ImmutableList.of("chunk-head"), new ChunkHeadForm()),
  QUERY_ATTENTION(
      "query-attn", "query-attn", ImmutableList.of("query-attn"), new QueryAttentionForm()),
  HEAD_ATTENTION("head-attn", "head-attn", ImmutableList.of("head-attn"), new HeadAttentionForm()),
  DEVIATION_ATTENTION(
      "deviation-x-attn",
      "deviation-x-attn",
      ImmutableList.of("deviation-x-attn"),
      new DeviationAttentionForm()),
  RANDOM("random", "random", ImmutableList.of("random"), new RandomForm());

  private final String armName;
  private final String jsonName;
  private final ImmutableList<String> names;
  private final SelectorForm form;

  SelectorKind(String armName, String jsonName, ImmutableList<String> names, SelectorForm form) {
    this.armName = armName;
    this.jsonName = jsonName;
    this.names = names;
    this.form = form;
  }

  /** The values of {@code --selector}. */
  public static List<String> names() {
    return Stream.of(values()).flatMap(kind -> kind.names.stream()).toList();
  }

  /**
   * Every rule once, in the form of {@code --selectors}; options of a rule only where they change
   * it.
   */
  public static List<String> all() {
    return List.of(
        "value",
        "chunk-head",
        "query-attn",
        "query-attn:expand",
        "head-attn",
        "deviation-x-attn",
        "random");
  }

  /** The same names, or {@link #all} for {@code all}. */
  public static List<String> expanded(List<String> names) {
    return names.equals(List.of("all")) ? all() : names;
  }

  static Optional<SelectorKind> ofArm(String name) {
    return Stream.of(values()).filter(kind -> kind.armName.equals(name)).findFirst();
  }

  static Optional<SelectorKind> ofJson(String name) {
    return Stream.of(values()).filter(kind -> kind.jsonName.equals(name)).findFirst();
  }

  static List<String> jsonNames() {
    return Stream.of(values()).map(SelectorKind::jsonName).toList();
  }

  /** The text form of the arm for a value of {@code --selector}. */
  static Optional<String> ofName(String name) {
    return Stream.of(values())
        .filter(kind -> kind.names.contains(name) || name.startsWith(kind.armName + ":"))
        .map(
            kind ->
                name.equals(kind.armName) || name.contains(":") ? name : kind.armName + ":" + name)
        .findFirst();
  }

  String armName() {
    return armName;
  }

  String jsonName() {
    return jsonName;
  }

  SelectorForm form() {
    return form;
  }
}
