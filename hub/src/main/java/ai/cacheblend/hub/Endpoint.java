package ai.cacheblend.hub;

import static java.nio.charset.StandardCharsets.UTF_8;
import static java.util.Objects.requireNonNull;

import java.net.URI;
import java.util.Locale;

/**
 * The Hub, or a server with the same interface.
 *
 * @param base without a slash at the end; may have a path
 */
record Endpoint(URI base) {

  private static final String DEFAULT = "https://huggingface.co";
  private static final String UNRESERVED = "-._~";

  Endpoint {
    requireNonNull(base.getHost(), "base has no host");
  }

  /** {@code HF_ENDPOINT}; blank: the public Hub. */
  static Endpoint parse(String text) {
    String url = text.isBlank() ? DEFAULT : text.strip().replaceAll("/+$", "");
    try {
      URI base = URI.create(url);
      if (base.getHost() != null
          && base.getUserInfo() == null
          && String.valueOf(base.getScheme()).matches("(?i)https?")) {
        return new Endpoint(base);
      }
    } catch (IllegalArgumentException e) {
      // Reported below.
    }
    // A user part may hold a password.
    String shown = text.contains("@") ? "not a URL without user and password" : "'" + text + "'";
    throw new IllegalArgumentException(
        "HF_ENDPOINT is %s; set it to a URL such as %s".formatted(shown, DEFAULT));
  }

  /** A revision is one segment: the slashes of {@code refs/pr/1} are encoded. */
  URI commit(Repository repository, Revision revision) {
    return api(repository, "/revision/" + encode(revision.name()));
  }

  URI tree(Repository repository, String commit) {
    return api(repository, "/tree/" + encode(commit) + "?recursive=true");
  }

  URI file(Repository repository, String commit, String path) {
    return URI.create(
        page(repository) + "/resolve/" + encode(commit) + "/" + encode(path).replace("%2F", "/"));
  }

  /** Where a person reads about the repository. */
  String page(Repository repository) {
    return base + repository.type().pagePath() + repository.id();
  }

  private URI api(Repository repository, String rest) {
    return URI.create(base + "/api/" + repository.type().prefix() + "/" + repository.id() + rest);
  }

  /** Whether requests to that URI may carry the token: same scheme, host and port. */
  boolean isOriginOf(URI uri) {
    return origin(base).equals(origin(uri));
  }

  /** Mirrors pass on answers of the public Hub, whose links lead there. */
  URI onThisServer(URI uri) {
    String text = uri.toString();
    return text.startsWith(DEFAULT + "/")
        ? URI.create(base + text.substring(DEFAULT.length()))
        : uri;
  }

  private static String origin(URI uri) {
    String scheme = String.valueOf(uri.getScheme()).toLowerCase(Locale.ROOT);
    int port = uri.getPort() >= 0 ? uri.getPort() : scheme.equals("https") ? 443 : 80;
    return scheme + "://" + String.valueOf(uri.getHost()).toLowerCase(Locale.ROOT) + ":" + port;
  }

  private static String encode(String text) {
    StringBuilder encoded = new StringBuilder();
    for (byte b : text.getBytes(UTF_8)) {
      char c = (char) (b & 0xff);
      boolean plain = c < 0x80 && (Character.isLetterOrDigit(c) || UNRESERVED.indexOf(c) >= 0);
      encoded.append(plain ? String.valueOf(c) : "%%%02X".formatted((int) c));
    }
    return encoded.toString();
  }

  @Override
  public String toString() {
    return base.toString();
  }
}
