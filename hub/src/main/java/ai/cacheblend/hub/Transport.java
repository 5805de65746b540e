package ai.cacheblend.hub;

import static ai.cacheblend.hub.HubException.Reason.BAD_RESPONSE;
import static ai.cacheblend.hub.HubException.Reason.UNREACHABLE;

import java.io.IOException;
import java.net.ConnectException;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.channels.UnresolvedAddressException;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.CancellationException;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.concurrent.atomic.AtomicLong;
import java.util.concurrent.atomic.AtomicReference;
import javax.net.ssl.SSLHandshakeException;

/**
 * GET requests that start at the Hub and follow its redirects. The token is sent to the Hub's own
 * origin only. A connection without progress is given up.
 */
final class Transport {

  private static final int MAX_REDIRECTS = 10;

  /** Of an answer without the content: pages of errors are not used. */
  private static final int MAX_OTHER_BYTES = 1 << 20;

  private static final String BASIC_FOR_TUNNELS = "jdk.http.auth.tunneling.disabledSchemes";

  static {
    // The JDK's default refuses user names and passwords for HTTPS through a proxy.
    if (System.getProperty(BASIC_FOR_TUNNELS) == null) {
      System.setProperty(BASIC_FOR_TUNNELS, "");
    }
  }

  private final HubSettings settings;
  private final HttpClient client;

  /** Set with the first answer: until then, the network may be missing altogether. */
  private volatile boolean reached;

  Transport(HubSettings settings) {
    this.settings = settings;
    // HTTP/2 would send all files through one connection.
    this.client =
        HttpClient.newBuilder()
            .version(HttpClient.Version.HTTP_1_1)
            .followRedirects(HttpClient.Redirect.NEVER)
            .connectTimeout(settings.stallLimit())
            .proxy(settings.proxies())
            .build();
  }

  /**
   * Requests a URI of the Hub.
   *
   * @throws TransientException if a repetition can succeed
   * @throws HubException if not
   */
  void get(Subject subject, URI first, Map<String, String> headers, Receiver receiver)
      throws IOException, InterruptedException {
    URI uri = first;
    for (int i = 0; i <= MAX_REDIRECTS; i++) {
      Optional<URI> next = exchange(subject, uri, headers, receiver);
      if (next.isEmpty()) {
        return;
      }
      uri = next.get();
    }
    throw new HubException(BAD_RESPONSE, "%s redirects endlessly".formatted(first.getHost()));
  }

  /** Returns the URI to continue with, or empty after the content. */
  private Optional<URI> exchange(
      Subject subject, URI uri, Map<String, String> headers, Receiver receiver)
      throws IOException, InterruptedException {
    AtomicLong activity = new AtomicLong();
    AtomicReference<Body> body = new AtomicReference<>();
    TextReceiver other = new TextReceiver(MAX_OTHER_BYTES);
    CompletableFuture<HttpResponse<Void>> response =
        client.sendAsync(
            request(uri, headers),
            info -> {
              activity.incrementAndGet();
              Reply reply = new Reply(uri, info.statusCode(), info.headers());
              body.set(new Body(reply, reply.isSuccess() ? receiver : other, activity));
              return body.get();
            });
    HttpResponse<Void> answer;
    try {
      answer = await(response, activity);
    } catch (ExecutionException e) {
      throw failure(uri, e.getCause());
    } catch (TimeoutException e) {
      throw new TransientException(
          "%s sent nothing for %d s".formatted(uri.getHost(), settings.stallLimit().toSeconds()),
          Optional.empty(),
          e);
    } finally {
      response.cancel(true);
      if (body.get() != null) {
        body.get().close();
      }
    }
    reached = true;
    // Without a body where a proxy refuses a tunnel.
    Reply reply = new Reply(uri, answer.statusCode(), answer.headers());
    if (reply.isRedirect()) {
      receiver.redirected(reply);
      return Optional.of(reply.target(reply.header("Location").orElseThrow()));
    }
    if (!reply.isSuccess()) {
      throw new ErrorReply(settings, subject).exception(reply);
    }
    return Optional.empty();
  }

  private HttpRequest request(URI uri, Map<String, String> headers) {
    HttpRequest.Builder request =
        HttpRequest.newBuilder(uri)
            .header("User-Agent", "cacheblend; java/" + Runtime.version().feature())
            .header("Accept-Encoding", "identity");
    headers.forEach(request::header);
    if (settings.token().isPresent() && settings.endpoint().isOriginOf(uri)) {
      request.header("Authorization", settings.token().get().header());
    }
    settings
        .proxies()
        .authorization(uri)
        .ifPresent(value -> request.header("Proxy-Authorization", value));
    return request.build();
  }

  /** Waits as long as something arrives within the stall limit. */
  private <T> T await(CompletableFuture<T> response, AtomicLong activity)
      throws InterruptedException, ExecutionException, TimeoutException {
    while (true) {
      long before = activity.get();
      try {
        return response.get(settings.stallLimit().toNanos(), TimeUnit.NANOSECONDS);
      } catch (TimeoutException e) {
        if (activity.get() == before) {
          throw e;
        }
      } catch (CancellationException e) {
        throw new ExecutionException(e);
      }
    }
  }

  private IOException failure(URI uri, Throwable cause) {
    if (cause instanceof HubException e) {
      return e;
    }
    String host = uri.getHost();
    if (cause instanceof SSLHandshakeException && !reached) {
      return new HubException(
          UNREACHABLE,
          ("%s cannot be verified (%s); if a proxy replaces certificates, add its authority to Java's"
                  + " trust store: JAVA_TOOL_OPTIONS=-Djavax.net.ssl.trustStore=FILE")
              .formatted(host, cause.getMessage()),
          cause);
    }
    if (cause instanceof ConnectException && !reached) {
      String reason =
          cause.getCause() instanceof UnresolvedAddressException
              ? "unknown host"
              : Optional.ofNullable(cause.getMessage()).orElse("no connection");
      return new HubException(
          UNREACHABLE,
          "%s cannot be reached (%s); check the network, HTTPS_PROXY and HF_ENDPOINT"
              .formatted(host, reason),
          cause);
    }
    return new TransientException(
        "%s: %s"
            .formatted(
                host,
                Optional.ofNullable(cause.getMessage()).orElse(cause.getClass().getSimpleName())),
        Optional.empty(),
        cause);
  }
}
