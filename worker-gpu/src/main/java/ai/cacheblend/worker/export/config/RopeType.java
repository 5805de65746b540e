package ai.cacheblend.worker.export.config;

import ai.cacheblend.worker.export.ExportException;
import com.google.common.collect.ImmutableSet;
import java.util.Arrays;
import java.util.Locale;
import java.util.Optional;
import java.util.Set;
import java.util.stream.Collectors;

/** The types of rotary embedding that can be exported, and their fields. */
enum RopeType {
  DEFAULT,
  LINEAR("factor"),
  DYNAMIC("factor", "original_max_position_embeddings"),
  LLAMA3("factor", "low_freq_factor", "high_freq_factor", "original_max_position_embeddings"),
  YARN(
      "factor",
      "original_max_position_embeddings",
      "attention_factor",
      "beta_fast",
      "beta_slow",
      "mscale",
      "mscale_all_dim",
      "truncate"),
  LONGROPE(
      "factor",
      "original_max_position_embeddings",
      "attention_factor",
      "short_factor",
      "long_factor");

  private static final Set<String> COMMON =
      Set.of("rope_theta", "rope_type", "type", "partial_rotary_factor");

  private final ImmutableSet<String> fields;

  RopeType(String... fields) {
    this.fields = ImmutableSet.copyOf(fields);
  }

  private String id() {
    return name().toLowerCase(Locale.ROOT);
  }

  /** The type that the fields {@code rope_type} or {@code type} name. */
  static RopeType of(ConfigObject rope, Architecture architecture) throws ExportException {
    Optional<String> current = rope.text("rope_type");
    Optional<String> old = rope.text("type");
    if (current.isPresent() && old.isPresent() && !current.equals(old)) {
      throw rope.wrong("type", "%s as rope_type".formatted(current.get()));
    }
    String name = current.or(() -> old).map(architecture::ropeType).orElse(DEFAULT.id());
    for (RopeType type : values()) {
      if (type.id().equals(name)) {
        return type;
      }
    }
    throw rope.wrong(
        current.isPresent() ? "rope_type" : "type",
        Arrays.stream(values())
            .map(type -> '"' + type.id() + '"')
            .collect(Collectors.joining(" or ")));
  }

  /** Refuses fields that the type does not have. */
  void check(ConfigObject rope) throws ExportException {
    for (String field : rope.fields()) {
      if (rope.has(field) && !COMMON.contains(field) && !fields.contains(field)) {
        throw rope.wrong(field, "no such field for rope type " + id());
      }
    }
  }
}
