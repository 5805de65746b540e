package ai.cacheblend.hub;

import static java.nio.charset.StandardCharsets.UTF_8;

import java.io.IOException;
import java.net.InetSocketAddress;
import java.net.Proxy;
import java.net.ProxySelector;
import java.net.SocketAddress;
import java.net.URI;
import java.net.URLDecoder;
import java.util.Base64;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.stream.Stream;

/**
 * HTTP proxies of the environment: {@code HTTPS_PROXY}, {@code HTTP_PROXY}, {@code ALL_PROXY} and
 * {@code NO_PROXY}, in lower or upper case.
 */
final class Proxies extends ProxySelector {

  /** Credentials are those of the URL's user part. */
  private record Server(String host, int port, Optional<String> credentials) {}

  private static final int DEFAULT_PORT = 80;

  private final Map<String, String> environment;
  private final List<String> exceptions;

  private Proxies(Map<String, String> environment) {
    this.environment = environment;
    this.exceptions =
        Stream.of(variable("no_proxy").split(",", -1))
            .map(name -> name.strip().toLowerCase(Locale.ROOT))
            .filter(name -> !name.isEmpty())
            .toList();
  }

  /** Refuses proxies of another kind. */
  static Proxies of(Map<String, String> environment) {
    Proxies proxies = new Proxies(Map.copyOf(environment));
    for (String variable : List.of("https_proxy", "http_proxy", "all_proxy")) {
      proxies.server(variable);
    }
    return proxies;
  }

  @Override
  public List<Proxy> select(URI uri) {
    return List.of(
        serverOf(uri)
            .map(s -> new Proxy(Proxy.Type.HTTP, new InetSocketAddress(s.host(), s.port())))
            .orElse(Proxy.NO_PROXY));
  }

  @Override
  public void connectFailed(URI uri, SocketAddress address, IOException failure) {}

  /** Value of the {@code Proxy-Authorization} header of requests to that URI. */
  Optional<String> authorization(URI uri) {
    return serverOf(uri)
        .flatMap(Server::credentials)
        .map(text -> "Basic " + Base64.getEncoder().encodeToString(text.getBytes(UTF_8)));
  }

  private Optional<Server> serverOf(URI uri) {
    if (isException(uri.getHost().toLowerCase(Locale.ROOT), uri.getPort())) {
      return Optional.empty();
    }
    Optional<Server> server = server(uri.getScheme().toLowerCase(Locale.ROOT) + "_proxy");
    return server.isPresent() ? server : server("all_proxy");
  }

  /** {@code *}, or a host or domain, with or without a leading dot and a port. */
  private boolean isException(String host, int port) {
    return exceptions.stream()
        .map(name -> name.startsWith("*.") ? name.substring(1) : name)
        .map(name -> name.endsWith(":" + port) ? name.substring(0, name.lastIndexOf(':')) : name)
        .map(name -> name.startsWith(".") ? name.substring(1) : name)
        .anyMatch(name -> name.equals("*") || host.equals(name) || host.endsWith("." + name));
  }

  private Optional<Server> server(String name) {
    String value = variable(name);
    if (value.isEmpty()) {
      return Optional.empty();
    }
    String url = value.contains("://") ? value : "http://" + value;
    try {
      URI uri = URI.create(url);
      if ("http".equalsIgnoreCase(uri.getScheme()) && uri.getHost() != null) {
        return Optional.of(
            new Server(
                uri.getHost(),
                uri.getPort() >= 0 ? uri.getPort() : DEFAULT_PORT,
                Optional.ofNullable(uri.getRawUserInfo())
                    .map(user -> URLDecoder.decode(user.replace("+", "%2B"), UTF_8))));
      }
    } catch (IllegalArgumentException e) {
      // Reported below, without the value: it may hold a password.
    }
    throw new IllegalArgumentException(
        name.toUpperCase(Locale.ROOT)
            + " is not the URL of an HTTP proxy; use http://[USER:PASSWORD@]HOST:PORT, with special"
            + " characters percent-encoded");
  }

  /** Lower case precedes, as in curl. */
  private String variable(String name) {
    String lower = environment.getOrDefault(name, "").strip();
    return lower.isEmpty()
        ? environment.getOrDefault(name.toUpperCase(Locale.ROOT), "").strip()
        : lower;
  }
}
