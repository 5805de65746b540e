package ai.cacheblend.hub;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;

import java.net.URI;
import java.net.http.HttpHeaders;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.junit.jupiter.api.Test;

final class ReplyTest {

  private static final Instant NOW = Instant.parse("2015-10-21T07:27:00Z");

  private static Reply reply(int status, String name, String value) {
    return new Reply(
        URI.create("http://a/"),
        status,
        HttpHeaders.of(Map.of(name, List.of(value)), (n, v) -> true));
  }

  private static Optional<Duration> retryAfter(String name, String value) {
    return reply(429, name, value).retryAfter(InstantSource.fixed(NOW));
  }

  @Test
  void retryAfterIsSecondsOrADate() {
    assertThat(retryAfter("Retry-After", "120")).hasValue(Duration.ofMinutes(2));
    assertThat(retryAfter("retry-after", "Wed, 21 Oct 2015 07:28:00 GMT"))
        .hasValue(Duration.ofMinutes(1));
    assertThat(retryAfter("Retry-After", "Wed, 21 Oct 2015 07:26:00 GMT")).hasValue(Duration.ZERO);
    assertThat(retryAfter("Retry-After", "soon")).isEmpty();
    assertThat(retryAfter("RateLimit", "\"api\";r=0;t=55")).hasValue(Duration.ofSeconds(55));
    assertThat(retryAfter("RateLimit", "\"api\";r=489;t=189")).isEmpty();
  }

  @Test
  void theEtagIsThatOfTheWholeFile() {
    assertThat(reply(200, "ETag", "W/\"abc\"").etag()).hasValue("abc");
    assertThat(reply(200, "ETag", "abc").etag()).hasValue("abc");
    assertThat(reply(302, "X-Linked-Etag", "\"abc\"").etag()).hasValue("abc");
    assertThat(reply(206, "Content-Range", "bytes 10-99/100").rangeStart()).hasValue(10L);
    assertThat(reply(206, "Content-Range", "bytes */100").rangeStart()).isEmpty();
  }

  @Test
  void referencesAreWebAddressesOfTheSameSafety() throws HubException {
    Reply reply = replyOf("https://a/b/c");
    assertThat(reply.target("d?e")).hasToString("https://a/b/d?e");
    assertThat(reply.target("https://x/")).hasToString("https://x/");
    assertThat(replyOf("http://a/").target("http://x/")).hasToString("http://x/");
    for (String refused : List.of("http://a/", "file:///etc/passwd", "mailto:a@b", "//", "a b")) {
      assertThatExceptionOfType(HubException.class)
          .as(refused)
          .isThrownBy(() -> reply.target(refused))
          .withMessageStartingWith("a refers ")
          .satisfies(e -> assertThat(e.reason()).isEqualTo(HubException.Reason.BAD_RESPONSE));
    }
  }

  private static Reply replyOf(String uri) {
    return new Reply(URI.create(uri), 200, HttpHeaders.of(Map.of(), (n, v) -> true));
  }
}
