package ai.cacheblend.hub;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;

import java.net.Proxy;
import java.net.URI;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

final class ProxiesTest {

  private static String proxy(Map<String, String> environment, String uri) {
    Proxy proxy = Proxies.of(environment).select(URI.create(uri)).get(0);
    return proxy.equals(Proxy.NO_PROXY) ? "none" : proxy.address().toString();
  }

  @Test
  void aProxyIsForItsScheme() {
    Map<String, String> environment =
        Map.of("HTTPS_PROXY", "http://127.0.0.1:3128", "http_proxy", "127.0.0.2:80");
    assertThat(proxy(environment, "https://a.org/")).endsWith("/127.0.0.1:3128");
    assertThat(proxy(environment, "http://a.org/")).endsWith("/127.0.0.2:80");
    assertThat(proxy(Map.of("ALL_PROXY", "http://127.0.0.3"), "http://a.org/"))
        .endsWith("/127.0.0.3:80");
    assertThat(proxy(Map.of("https_proxy", "", "HTTPS_PROXY", " "), "https://a.org/"))
        .isEqualTo("none");
    assertThat(
            proxy(
                Map.of("https_proxy", "127.0.0.1:1", "HTTPS_PROXY", "127.0.0.2:2"),
                "https://a.org/"))
        .endsWith("127.0.0.1:1");
  }

  @ParameterizedTest
  @CsvSource({
    "a.org, a.org, true",
    "a.org, x.a.org, true",
    ".a.org, x.a.org, true",
    "*.a.org, x.a.org, true",
    "A.Org, a.org, true",
    "a.org:443, a.org:443, true",
    "a.org:443, a.org:8080, false",
    "a.org, ba.org, false",
    "x.a.org, a.org, false",
    "*, b.org, true",
    "'b.org, a.org', a.org, true",
    "127.0.0.1, 127.0.0.1:9, true",
    "'', a.org, false"
  })
  void exceptionsAreHostsAndDomains(String exceptions, String host, boolean excepted) {
    String chosen =
        proxy(
            Map.of("HTTPS_PROXY", "127.0.0.1:1", "NO_PROXY", exceptions), "https://" + host + "/");
    assertThat(chosen.equals("none")).isEqualTo(excepted);
  }

  @Test
  void credentialsArePartOfTheAddress() {
    Proxies proxies =
        Proxies.of(
            Map.of("HTTPS_PROXY", "http://me:p%40ss+w@127.0.0.1:1", "NO_PROXY", "inside.org"));
    assertThat(proxies.authorization(URI.create("https://a.org/")))
        .hasValue("Basic bWU6cEBzcyt3"); // printf 'me:p@ss+w' | base64
    assertThat(proxies.authorization(URI.create("https://inside.org/"))).isEmpty();
    assertThat(proxies.authorization(URI.create("http://a.org/"))).isEmpty();
  }

  @ParameterizedTest
  @ValueSource(strings = {"socks5://127.0.0.1:1", "https://127.0.0.1:1", "http://me:se cret@h:1"})
  void refusesOtherProxiesWithoutTheirPassword(String url) {
    assertThatIllegalArgumentException()
        .isThrownBy(() -> Proxies.of(Map.of("https_proxy", url)))
        .withMessageStartingWith("HTTPS_PROXY is not the URL of an HTTP proxy")
        .withMessageNotContaining("cret");
  }
}
