package ai.cacheblend.orchestrator.plan;

import com.google.common.collect.ImmutableBiMap;
import java.util.List;
import java.util.Optional;

/** The arms without parameters, by their name on the command line and in JSON. */
final class PlainArms {
  private static final ImmutableBiMap<String, Arm> BY_NAME =
      ImmutableBiMap.of(
          "full_prefill", new Arm.FullPrefill(),
          "prefix_caching", new Arm.PrefixCaching(),
          "full_kv_reuse", new Arm.FullKvReuse());

  private PlainArms() {}

  static List<String> names() {
    return BY_NAME.keySet().asList();
  }

  static Optional<Arm> of(String name) {
    return Optional.ofNullable(BY_NAME.get(name));
  }

  /** The name of an arm without parameters. */
  static String name(Arm arm) {
    return BY_NAME.inverse().get(arm);
  }
}
