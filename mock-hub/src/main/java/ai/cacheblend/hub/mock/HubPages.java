package ai.cacheblend.hub.mock;

import ai.cacheblend.hub.mock.MockRepository.Visibility;
import com.sun.net.httpserver.HttpExchange;
import java.io.IOException;
import java.net.URLDecoder;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Collectors;

/** The Hub's own pages: the API, and the addresses of files. */
final class HubPages {

  private static final int PAGE_SIZE = 3;
  private static final String NAME = "([^/]+(?:/[^/]+)?)";
  private static final Pattern API =
      Pattern.compile("/api/(models|datasets)/" + NAME + "/(revision|tree)/([^/]+)");
  private static final Pattern FILE =
      Pattern.compile("/(datasets/)?" + NAME + "/resolve/([^/]+)/(.+)");
  private static final Pattern RESOLVE_CACHE = Pattern.compile("/api/resolve-cache/(.+)");

  private final MockHub hub;

  HubPages(MockHub hub) {
    this.hub = hub;
  }

  void answer(HttpExchange exchange) throws IOException {
    String path = exchange.getRequestURI().getRawPath();
    Matcher api = API.matcher(path);
    Matcher cached = RESOLVE_CACHE.matcher(path);
    Matcher file = FILE.matcher(path);
    if (api.matches()) {
      String key = api.group(1) + "/" + api.group(2);
      if (!redirected(exchange, key) && !hub.meetsFault(exchange)) {
        answerApi(exchange, key, api.group(3), decoded(api.group(4)));
      }
    } else if (cached.matches() && FILE.matcher("/" + cached.group(1)).matches()) {
      Matcher inner = FILE.matcher("/" + cached.group(1));
      inner.matches();
      answerFile(exchange, inner, true);
    } else if (file.matches()) {
      answerFile(exchange, file, false);
    } else {
      error(exchange, 404, "", "Sorry, we can't find the page you are looking for.");
    }
  }

  private boolean redirected(HttpExchange exchange, String key) throws IOException {
    Optional<String> present = hub.newName(key);
    if (present.isEmpty()) {
      return false;
    }
    String target = exchange.getRequestURI().toString();
    String old =
        key.startsWith("models/") && !target.startsWith("/api/")
            ? key.substring("models/".length())
            : key;
    String other =
        key.startsWith("models/") && !target.startsWith("/api/")
            ? present.get().substring("models/".length())
            : present.get();
    exchange.getResponseHeaders().add("Location", target.replace(old, other));
    exchange.sendResponseHeaders(307, -1);
    return true;
  }

  private void answerApi(HttpExchange exchange, String key, String call, String revision)
      throws IOException {
    Optional<MockRepository> repository = visible(exchange, key);
    if (repository.isEmpty()) {
      return;
    }
    Optional<String> commit = repository.get().resolve(revision);
    if (commit.isEmpty()) {
      error(exchange, 404, "RevisionNotFound", "Invalid rev id: " + revision);
      return;
    }
    List<MockFile> files = repository.get().files(commit.get());
    if (call.equals("revision")) {
      json(
          exchange,
          "{\"id\":\"%s\",\"sha\":\"%s\",\"private\":false,\"gated\":%s,\"tags\":[],\"siblings\":[%s]}"
              .formatted(
                  key.substring(key.indexOf('/') + 1),
                  commit.get(),
                  repository.get().visibility() == Visibility.GATED ? "\"auto\"" : "false",
                  files.stream()
                      .map(file -> "{\"rfilename\":\"" + escaped(file.path()) + "\"}")
                      .collect(Collectors.joining(","))));
      return;
    }
    int begin = cursor(exchange);
    int end = Math.min(files.size(), begin + PAGE_SIZE);
    if (end < files.size()) {
      exchange
          .getResponseHeaders()
          .add(
              "Link",
              "<%s%s?recursive=true&cursor=%d>; rel=\"next\""
                  .formatted(hub.endpoint(), exchange.getRequestURI().getRawPath(), end));
    }
    json(
        exchange,
        files.subList(begin, end).stream()
            .map(HubPages::entry)
            .collect(
                Collectors.joining(
                    ",",
                    "[{\"type\":\"directory\",\"oid\":\"0\",\"size\":0,\"path\":\"folder\"},",
                    "]")));
  }

  private static String entry(MockFile file) {
    String lfs =
        file.storage() == MockFile.Storage.GIT
            ? ""
            : ",\"lfs\":{\"oid\":\"%s\",\"size\":%d,\"pointerSize\":%d}"
                .formatted(file.sha256(), file.content().length, file.pointer().length());
    String xet =
        file.storage() == MockFile.Storage.XET ? ",\"xetHash\":\"" + file.sha256() + "\"" : "";
    return "{\"type\":\"file\",\"oid\":\"%s\",\"size\":%d,\"path\":\"%s\"%s%s}"
        .formatted(file.gitId(), file.content().length, escaped(file.path()), lfs, xet);
  }

  private void answerFile(HttpExchange exchange, Matcher address, boolean fromCache)
      throws IOException {
    String key = (address.group(1) == null ? "models/" : "datasets/") + address.group(2);
    if (redirected(exchange, key)) {
      return;
    }
    Optional<MockRepository> repository = visible(exchange, key);
    if (repository.isEmpty()) {
      return;
    }
    if (repository.get().visibility() == Visibility.GATED && !isGranted(exchange)) {
      String message = "Access to model is restricted. You must have access to it.";
      error(exchange, authorization(exchange).isEmpty() ? 401 : 403, "GatedRepo", message);
      return;
    }
    Optional<String> commit = repository.get().resolve(decoded(address.group(3)));
    if (commit.isEmpty()) {
      error(exchange, 404, "RevisionNotFound", "Invalid rev id");
      return;
    }
    exchange.getResponseHeaders().add("X-Repo-Commit", commit.get());
    String path = decoded(address.group(4));
    Optional<MockFile> file =
        repository.get().files(commit.get()).stream()
            .filter(candidate -> candidate.path().equals(path))
            .findFirst();
    if (file.isEmpty()) {
      error(exchange, 404, "EntryNotFound", "Entry not found");
    } else if (file.get().storage() != MockFile.Storage.GIT) {
      redirectToStorage(exchange, file.get());
    } else {
      sendSmall(exchange, file.get(), fromCache);
    }
  }

  /** Some small files are sent at once, others from another path of the Hub. */
  private void sendSmall(HttpExchange exchange, MockFile file, boolean fromCache)
      throws IOException {
    exchange.getResponseHeaders().add("ETag", "\"" + file.etag() + "\"");
    if (file.content().length % 2 == 0 && !fromCache) {
      exchange
          .getResponseHeaders()
          .add("Location", "/api/resolve-cache" + exchange.getRequestURI().getRawPath());
      exchange.sendResponseHeaders(307, -1);
    } else {
      hub.send(exchange, file.content());
    }
  }

  private void redirectToStorage(HttpExchange exchange, MockFile file) throws IOException {
    boolean xet = file.storage() == MockFile.Storage.XET;
    exchange.getResponseHeaders().add("X-Linked-Etag", "\"" + file.sha256() + "\"");
    exchange.getResponseHeaders().add("X-Linked-Size", Integer.toString(file.content().length));
    if (xet) {
      exchange.getResponseHeaders().add("X-Xet-Hash", file.sha256());
    }
    exchange
        .getResponseHeaders()
        .add(
            "Location",
            "%s/%s/%s?X-Amz-Signature=abc%%2F1&Expires=1"
                .formatted(hub.storageUrl(), xet ? "xet-bridge-us" : "repos/00/11", file.sha256()));
    if (!hub.meetsFault(exchange)) {
      exchange.sendResponseHeaders(302, -1);
    }
  }

  /** Empty if the client may not know of the repository; it then has its answer. */
  private Optional<MockRepository> visible(HttpExchange exchange, String key) throws IOException {
    Optional<String> token = authorization(exchange);
    if (token.isPresent()
        && !List.of("Bearer " + MockHub.TOKEN, "Bearer " + MockHub.OTHER_TOKEN)
            .contains(token.get())) {
      error(exchange, 401, "", "Invalid credentials in Authorization header");
      return Optional.empty();
    }
    Optional<MockRepository> repository = hub.find(key);
    if (repository.isEmpty()
        || (repository.get().visibility() == Visibility.PRIVATE && !isGranted(exchange))) {
      error(exchange, token.isEmpty() ? 401 : 404, "RepoNotFound", "Repository not found");
      return Optional.empty();
    }
    return repository;
  }

  private static boolean isGranted(HttpExchange exchange) {
    return authorization(exchange).equals(Optional.of("Bearer " + MockHub.TOKEN));
  }

  private static Optional<String> authorization(HttpExchange exchange) {
    return Optional.ofNullable(exchange.getRequestHeaders().getFirst("Authorization"));
  }

  private static int cursor(HttpExchange exchange) {
    Matcher cursor =
        Pattern.compile(".*cursor=(\\d+).*")
            .matcher(String.valueOf(exchange.getRequestURI().getQuery()));
    return cursor.matches() ? Integer.parseInt(cursor.group(1)) : 0;
  }

  private static void error(HttpExchange exchange, int status, String code, String message)
      throws IOException {
    Map<String, String> headers = Map.of("X-Error-Code", code, "X-Error-Message", message);
    headers.forEach(
        (name, value) -> {
          if (!value.isEmpty()) {
            exchange.getResponseHeaders().add(name, value);
          }
        });
    byte[] body = ("{\"error\":\"" + message + "\"}").getBytes(StandardCharsets.UTF_8);
    boolean head = exchange.getRequestMethod().equals("HEAD");
    exchange.sendResponseHeaders(status, head ? -1 : body.length);
    if (!head) {
      exchange.getResponseBody().write(body);
    }
  }

  private static void json(HttpExchange exchange, String text) throws IOException {
    byte[] body = text.getBytes(StandardCharsets.UTF_8);
    exchange.getResponseHeaders().add("Content-Type", "application/json");
    exchange.sendResponseHeaders(200, body.length);
    exchange.getResponseBody().write(body);
  }

  private static String escaped(String text) {
    return text.replace("\\", "\\\\").replace("\"", "\\\"");
  }

  private static String decoded(String text) {
    return URLDecoder.decode(text.replace("+", "%2B"), StandardCharsets.UTF_8);
  }
}
