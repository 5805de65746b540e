package ai.cacheblend.hub;

import static java.util.Objects.requireNonNull;

import java.nio.file.Path;
import java.time.Duration;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.Set;

/**
 * How this machine reaches the Hub, with the variables of {@code huggingface_hub}.
 *
 * @param cacheRoot folder of the cache
 * @param offline whether nothing may be downloaded
 * @param stallLimit time without a byte after which a connection is given up
 */
record HubSettings(
    Endpoint endpoint,
    Path cacheRoot,
    Optional<AccessToken> token,
    boolean offline,
    Proxies proxies,
    Duration stallLimit) {

  private static final Set<String> TRUE = Set.of("1", "ON", "YES", "TRUE");
  private static final String STALL_LIMIT = "HF_HUB_DOWNLOAD_TIMEOUT";
  private static final Duration DEFAULT_STALL_LIMIT = Duration.ofSeconds(30);

  HubSettings {
    requireNonNull(endpoint, "endpoint is null");
    requireNonNull(cacheRoot, "cacheRoot is null");
    requireNonNull(token, "token is null");
    requireNonNull(proxies, "proxies is null");
    if (stallLimit.isNegative() || stallLimit.isZero()) {
      throw new IllegalArgumentException(
          STALL_LIMIT + " is " + stallLimit.toSeconds() + "; set it to 1 or more");
    }
  }

  static HubSettings of(Map<String, String> environment) throws HubException {
    UserDirectories user = UserDirectories.of(environment);
    return new HubSettings(
        Endpoint.parse(environment.getOrDefault("HF_ENDPOINT", "")),
        user.hubCache(),
        isTrue(environment, "HF_HUB_DISABLE_IMPLICIT_TOKEN")
            ? Optional.empty()
            : AccessToken.find(environment, user),
        isTrue(environment, "HF_HUB_OFFLINE") || isTrue(environment, "TRANSFORMERS_OFFLINE"),
        Proxies.of(environment),
        stallLimit(environment.getOrDefault(STALL_LIMIT, "")));
  }

  private static boolean isTrue(Map<String, String> environment, String variable) {
    return TRUE.contains(environment.getOrDefault(variable, "").strip().toUpperCase(Locale.ROOT));
  }

  private static Duration stallLimit(String seconds) {
    if (seconds.isBlank()) {
      return DEFAULT_STALL_LIMIT;
    }
    try {
      return Duration.ofSeconds(Long.parseLong(seconds.strip()));
    } catch (NumberFormatException e) {
      throw new IllegalArgumentException(
          "%s is '%s'; set it to a number of seconds".formatted(STALL_LIMIT, seconds), e);
    }
  }
}
