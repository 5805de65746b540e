package ai.cacheblend.hub;

import static ai.cacheblend.hub.HubException.Reason.BAD_RESPONSE;

import java.net.URI;
import java.net.http.HttpHeaders;
import java.time.DateTimeException;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.time.ZonedDateTime;
import java.time.format.DateTimeFormatter;
import java.util.Locale;
import java.util.Optional;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/** Status and headers of an answer. */
record Reply(URI uri, int status, HttpHeaders headers) {

  private static final int SUCCESS = 2;
  private static final int REDIRECT = 3;

  /** {@code "api";r=0;t=55}: nothing remains of the limit, which is reset after 55 s. */
  private static final Pattern RATE_LIMIT = Pattern.compile(".*;\\s*r=0\\s*;\\s*t=(\\d{1,9}).*");

  private static final Pattern RANGE = Pattern.compile("bytes (\\d{1,18})-.*");
  private static final Pattern SECONDS = Pattern.compile("\\d{1,9}");
  private static final Pattern ETAG = Pattern.compile("(?:W/)?\"?([^\"]*)\"?");

  boolean isSuccess() {
    return status / 100 == SUCCESS;
  }

  boolean isRedirect() {
    return status / 100 == REDIRECT && header("Location").isPresent();
  }

  Optional<String> header(String name) {
    return headers.firstValue(name);
  }

  /**
   * The address of a redirect or link.
   *
   * @throws HubException if it is not a web address, or HTTP after HTTPS
   */
  URI target(String reference) throws HubException {
    URI target = URI.create("");
    try {
      target = uri.resolve(reference);
    } catch (IllegalArgumentException e) {
      // Reported below.
    }
    String scheme = String.valueOf(target.getScheme()).toLowerCase(Locale.ROOT);
    if (target.getHost() == null || !scheme.matches("https?")) {
      throw new HubException(
          BAD_RESPONSE,
          "%s refers to an address that is not a web address".formatted(uri.getHost()));
    }
    if (uri.getScheme().equalsIgnoreCase("https") && scheme.equals("http")) {
      throw new HubException(BAD_RESPONSE, "%s refers from HTTPS to HTTP".formatted(uri.getHost()));
    }
    return target;
  }

  /** Hash of the whole file, also where this answer redirects to its content. */
  Optional<String> etag() {
    return header("X-Linked-Etag")
        .or(() -> isRedirect() ? Optional.empty() : header("ETag"))
        .map(ETAG::matcher)
        .filter(Matcher::matches)
        .map(matcher -> matcher.group(1));
  }

  /** Position of the first byte that follows, of a partial content. */
  Optional<Long> rangeStart() {
    return header("Content-Range")
        .map(RANGE::matcher)
        .filter(Matcher::matches)
        .map(matcher -> Long.valueOf(matcher.group(1)));
  }

  /** {@code Retry-After} in seconds or as a date, or the reset of {@code RateLimit}. */
  Optional<Duration> retryAfter(InstantSource clock) {
    return header("Retry-After")
        .flatMap(value -> delay(value.strip(), clock.instant()))
        .or(
            () ->
                header("RateLimit")
                    .map(RATE_LIMIT::matcher)
                    .filter(Matcher::matches)
                    .map(matcher -> Duration.ofSeconds(Long.parseLong(matcher.group(1)))));
  }

  private static Optional<Duration> delay(String value, Instant now) {
    if (SECONDS.matcher(value).matches()) {
      return Optional.of(Duration.ofSeconds(Long.parseLong(value)));
    }
    try {
      Instant date = ZonedDateTime.parse(value, DateTimeFormatter.RFC_1123_DATE_TIME).toInstant();
      return Optional.of(now.isBefore(date) ? Duration.between(now, date) : Duration.ZERO);
    } catch (DateTimeException e) {
      return Optional.empty();
    }
  }
}
