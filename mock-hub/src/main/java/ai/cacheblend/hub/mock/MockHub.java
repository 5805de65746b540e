package ai.cacheblend.hub.mock;

import com.sun.net.httpserver.HttpExchange;
import com.sun.net.httpserver.HttpServer;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.atomic.AtomicLong;
import java.util.function.LongConsumer;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * The Hub on {@code 127.0.0.1}, and its storage on another port of {@code localhost}. It serves any
 * number of repositories to any number of clients.
 */
public final class MockHub implements AutoCloseable {

  /** Accepted by the Hub, with access to all repositories. */
  public static final String TOKEN = "hf_granted";

  /** Accepted by the Hub, without access to gated and private repositories. */
  public static final String OTHER_TOKEN = "hf_other";

  private static final Pattern RANGE = Pattern.compile("bytes=(\\d+)-");

  private record Planned(String path, MockFault fault) {}

  private final HttpServer hub;
  private final HttpServer storage;
  private final int hubPort;
  private final int storagePort;
  private final ExecutorService threads = Executors.newCachedThreadPool();
  private final Map<String, MockRepository> repositories = new ConcurrentHashMap<>();
  private final Map<String, String> renamed = new ConcurrentHashMap<>();
  private final List<MockRequest> requests = new CopyOnWriteArrayList<>();
  private final List<Planned> faults = new ArrayList<>();
  private final AtomicLong totalBytes = new AtomicLong();
  private volatile LongConsumer sentBytes = bytes -> {};

  private MockHub() {
    try {
      InetAddress loopback = InetAddress.getByAddress(new byte[] {127, 0, 0, 1});
      hub = HttpServer.create(new InetSocketAddress(loopback, 0), 0);
      storage = HttpServer.create(new InetSocketAddress(loopback, 0), 0);
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
    hubPort = hub.getAddress().getPort();
    storagePort = storage.getAddress().getPort();
    HubPages pages = new HubPages(this);
    hub.createContext("/", exchange -> serve("hub", exchange, pages::answer));
    storage.createContext("/", exchange -> serve("storage", exchange, this::answerStorage));
    for (HttpServer server : List.of(hub, storage)) {
      server.setExecutor(threads);
      server.start();
    }
  }

  public static MockHub start() {
    return new MockHub();
  }

  /** Value of {@code HF_ENDPOINT}. */
  public String endpoint() {
    return "http://127.0.0.1:" + hubPort;
  }

  String storageUrl() {
    return "http://localhost:" + storagePort;
  }

  /**
   * The repository; made if there is none.
   *
   * @param key as in the API: {@code models/ORGANISATION/NAME} or {@code datasets/…}
   */
  public MockRepository repository(String key) {
    return repositories.computeIfAbsent(key, id -> new MockRepository());
  }

  /** Requests of the old key are redirected. */
  public void rename(String old, String present) {
    renamed.put(old, present);
  }

  Optional<MockRepository> find(String key) {
    return Optional.ofNullable(repositories.get(key));
  }

  Optional<String> newName(String key) {
    return Optional.ofNullable(renamed.get(key));
  }

  /** The next request whose path contains the text meets the fault. */
  public void plan(String path, MockFault fault) {
    synchronized (faults) {
      faults.add(new Planned(path, fault));
    }
  }

  /** Is told all bytes of content that were sent so far, after each piece. */
  public void onSentBytes(LongConsumer listener) {
    sentBytes = listener;
  }

  public List<MockRequest> requests() {
    return List.copyOf(requests);
  }

  /** Requests for content, in the order of their arrival. */
  public List<MockRequest> downloads() {
    return requests.stream()
        .filter(r -> r.method().equals("GET"))
        .filter(r -> r.server().equals("storage") || r.target().contains("/resolve/"))
        .toList();
  }

  public void forgetRequests() {
    requests.clear();
  }

  private interface Handler {
    void answer(HttpExchange exchange) throws IOException;
  }

  private void serve(String server, HttpExchange exchange, Handler handler) throws IOException {
    try (exchange) {
      requests.add(
          new MockRequest(
              server,
              exchange.getRequestMethod(),
              exchange.getRequestURI().toString(),
              Optional.ofNullable(exchange.getRequestHeaders().getFirst("Authorization")),
              Optional.ofNullable(exchange.getRequestHeaders().getFirst("Range"))));
      handler.answer(exchange);
    }
  }

  private void answerStorage(HttpExchange exchange) throws IOException {
    String path = exchange.getRequestURI().getPath();
    String sha256 = path.substring(path.lastIndexOf('/') + 1);
    MockFile file =
        repositories.values().stream()
            .flatMap(repository -> repository.withSha256(sha256).stream())
            .findFirst()
            .orElseThrow();
    exchange.getResponseHeaders().add("ETag", "\"storage-has-its-own\"");
    send(exchange, file.content());
  }

  /** Sends content, or the part of it that the request asks for, or meets a fault. */
  void send(HttpExchange exchange, byte[] content) throws IOException {
    int from = from(exchange);
    Optional<MockFault> fault = takeFault(exchange);
    if (fault.isPresent()) {
      fault.get().answer(exchange, content, from);
      return;
    }
    if (from > content.length) {
      exchange.sendResponseHeaders(416, -1);
      return;
    }
    if (from > 0) {
      exchange
          .getResponseHeaders()
          .add(
              "Content-Range",
              "bytes %d-%d/%d".formatted(from, content.length - 1, content.length));
    }
    boolean head = exchange.getRequestMethod().equals("HEAD");
    int length = content.length - from;
    if (head) {
      exchange.getResponseHeaders().add("Content-Length", Integer.toString(length));
    }
    exchange.sendResponseHeaders(from > 0 ? 206 : 200, head || length == 0 ? -1 : length);
    if (!head) {
      new PiecewiseWriter(exchange.getResponseBody(), totalBytes, sentBytes).write(content, from);
    }
  }

  private static int from(HttpExchange exchange) {
    String range = exchange.getRequestHeaders().getFirst("Range");
    Matcher matcher = RANGE.matcher(range == null ? "" : range);
    return matcher.matches() ? Integer.parseInt(matcher.group(1)) : 0;
  }

  /** Meets the fault that is planned for this request, if there is one. */
  boolean meetsFault(HttpExchange exchange) throws IOException {
    Optional<MockFault> fault = takeFault(exchange);
    if (fault.isPresent()) {
      fault.get().answer(exchange, new byte[0], 0);
    }
    return fault.isPresent();
  }

  private Optional<MockFault> takeFault(HttpExchange exchange) {
    String target = exchange.getRequestURI().toString();
    synchronized (faults) {
      Optional<Planned> planned =
          faults.stream().filter(fault -> target.contains(fault.path())).findFirst();
      planned.ifPresent(faults::remove);
      return planned.map(Planned::fault);
    }
  }

  @Override
  public void close() {
    hub.stop(0);
    storage.stop(0);
    threads.shutdownNow();
  }
}
