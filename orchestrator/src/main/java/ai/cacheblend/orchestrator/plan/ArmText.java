package ai.cacheblend.orchestrator.plan;

import static ai.cacheblend.orchestrator.plan.PlanException.require;

import com.google.common.base.Splitter;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * The syntactic parts of the text form of an arm: {@code NAME[@SHARES][:OPTION[=VALUE]]...}.
 *
 * @param shares {@code SHARE}, {@code LAYER=SHARE,...} or {@code auto}
 * @param options in order; the value of an option without one is empty
 */
record ArmText(String name, Optional<String> shares, Map<String, String> options) {
  private static final String AUTO = "auto";
  private static final String LEAST = "min";

  private static final Pattern FORM =
      Pattern.compile("(?<name>[a-z_-]+)(@(?<shares>[^:@]+))?(?<options>(:[^:@]+)*)");

  ArmText(String name) {
    this(name, Optional.empty(), Map.of());
  }

  ArmText(String name, String shares) {
    this(name, Optional.of(shares), Map.of());
  }

  /** Empty if {@code text} does not have this form. */
  static Optional<ArmText> parse(String text) {
    Matcher matcher = FORM.matcher(text);
    if (!matcher.matches()) {
      return Optional.empty();
    }
    Map<String, String> options = new LinkedHashMap<>();
    for (String option : Splitter.on(':').omitEmptyStrings().split(matcher.group("options"))) {
      int equals = option.indexOf('=');
      String name = equals < 0 ? option : option.substring(0, equals);
      require(
          options.put(name, equals < 0 ? "" : option.substring(equals + 1)) == null,
          "arm '" + text + "' has option " + name + " twice; give it once");
    }
    return Optional.of(
        new ArmText(matcher.group("name"), Optional.ofNullable(matcher.group("shares")), options));
  }

  /** Refuses other options than these. */
  void requireOptions(String... known) {
    for (String option : options.keySet()) {
      require(
          List.of(known).contains(option),
          "arm is '" + this + "'; after : write " + String.join(" or ", known));
    }
  }

  /** Whether an option without a value is given. */
  boolean flag(String option) {
    String value = options.get(option);
    require(
        value == null || value.isEmpty(), "arm is '" + this + "'; write " + option + " without =");
    return value != null;
  }

  ArmText with(String option, String value) {
    Map<String, String> more = new LinkedHashMap<>(options);
    more.put(option, value);
    return new ArmText(name, shares, more);
  }

  /** Whether the share is the least one. */
  boolean isAuto() {
    return shares.equals(Optional.of(AUTO));
  }

  /** The same with the least share in place of {@code auto}; without it, that of the run. */
  ArmText withLeastShare() {
    if (!isAuto()) {
      return this;
    }
    Map<String, String> others = new LinkedHashMap<>(options);
    return new ArmText(name, Optional.ofNullable(others.remove(LEAST)), others);
  }

  /** The same with {@code auto} in place of the share, which becomes the least one. */
  ArmText auto(ArmDefaults defaults) {
    ArmText auto = new ArmText(name, Optional.of(AUTO), options);
    String share = shares.orElseThrow();
    boolean isDefault =
        defaults.schedule().size() == 1 && share.equals(Shares.print(defaults.recomputeRatio()));
    return isDefault ? auto : auto.with(LEAST, share);
  }

  /** Whether there are no shares and no options. */
  boolean isBare() {
    return shares.isEmpty() && options.isEmpty();
  }

  @Override
  public String toString() {
    StringBuilder text = new StringBuilder(name);
    shares.ifPresent(value -> text.append('@').append(value));
    options.forEach(
        (option, value) -> {
          text.append(':').append(option);
          if (!value.isEmpty()) {
            text.append('=').append(value);
          }
        });
    return text.toString();
  }
}
