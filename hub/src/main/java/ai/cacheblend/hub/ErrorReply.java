package ai.cacheblend.hub;

import static ai.cacheblend.hub.HubException.Reason.NOT_FOUND;
import static ai.cacheblend.hub.HubException.Reason.NO_ACCESS;
import static ai.cacheblend.hub.HubException.Reason.NO_SUCH_FILE;
import static ai.cacheblend.hub.HubException.Reason.UNREACHABLE;

import java.io.IOException;
import java.time.InstantSource;
import java.util.Optional;
import java.util.Set;

/**
 * Reads answers other than success. The Hub says in {@code X-Error-Code} what is wrong; a missing
 * repository is 401 without a token, since a private one must look the same.
 */
record ErrorReply(HubSettings settings, Subject subject) {

  private static final Set<Integer> TRANSIENT = Set.of(408, 416, 429);
  private static final int SERVER_ERRORS = 500;
  private static final int MAX_MESSAGE = 200;
  private static final String TOKENS = "https://huggingface.co/settings/tokens";

  IOException exception(Reply reply) {
    Repository repository = subject.repository();
    String page = settings.endpoint().page(repository);
    boolean fromHub = settings.endpoint().isOriginOf(reply.uri());
    // Storage hosts refuse addresses that have expired; the Hub gives a new one.
    if (TRANSIENT.contains(reply.status()) || reply.status() >= SERVER_ERRORS || !fromHub) {
      return new TransientException(
          "%s answers with HTTP %d".formatted(reply.uri().getHost(), reply.status()),
          reply.retryAfter(InstantSource.system()),
          null);
    }
    String code = reply.header("X-Error-Code").orElse("");
    String message = message(reply);
    if (code.equals("GatedRepo")) {
      return new HubException(
          NO_ACCESS,
          "%s is gated: accept its conditions on %s, then %s"
              .formatted(repository.id(), page, gatedRemedy()));
    }
    if (code.equals("RevisionNotFound")) {
      return new HubException(
          NOT_FOUND,
          "%s has no revision '%s'; see the branches and tags on %s"
              .formatted(repository.id(), subject.revision().name(), page));
    }
    if (code.equals("EntryNotFound")) {
      return new HubException(NO_SUCH_FILE, "%s has no such file".formatted(subject));
    }
    if (reply.status() == 407) {
      return new HubException(
          UNREACHABLE,
          "the proxy refuses its user (HTTP 407); set HTTPS_PROXY to http://USER:PASSWORD@HOST:PORT");
    }
    if (message.contains("Invalid credentials")) {
      return new HubException(
          NO_ACCESS,
          "the %s is not valid; create one on %s"
              .formatted(settings.token().map(AccessToken::toString).orElse("token"), TOKENS));
    }
    if (code.equals("RepoNotFound") || reply.status() == 401 || reply.status() == 404) {
      return new HubException(NOT_FOUND, notFound(repository));
    }
    if (reply.status() == 403) {
      return new HubException(
          NO_ACCESS,
          "%s refuses access to %s%s; %s"
              .formatted(settings.endpoint(), subject, quoted(message), permission()));
    }
    return new HubException(
        UNREACHABLE,
        "%s answers with HTTP %d for %s%s; check HF_ENDPOINT"
            .formatted(reply.uri().getHost(), reply.status(), subject, quoted(message)));
  }

  private String gatedRemedy() {
    return settings
        .token()
        .map(token -> "wait until access is granted to the account of the " + token)
        .orElse("set HF_TOKEN to a token of that account (" + TOKENS + ")");
  }

  private String permission() {
    return settings
        .token()
        .map(token -> "give the " + token + " read permission on " + TOKENS)
        .orElse("set HF_TOKEN to a token with read permission");
  }

  private String notFound(Repository repository) {
    String kind = repository.type() == Repository.Type.MODEL ? "model" : "data set";
    return "%s has no %s %s that is public; check the name%s"
        .formatted(
            settings.endpoint(),
            kind,
            repository.id(),
            settings
                .token()
                .map(token -> ", and whether the " + token + " may read it, if it is private")
                .orElse(", or set HF_TOKEN if it is private"));
  }

  /** Foreign text: one short line without control characters. */
  private static String message(Reply reply) {
    String message = reply.header("X-Error-Message").orElse("").replaceAll("\\p{Cntrl}+", " ");
    return message.length() > MAX_MESSAGE ? message.substring(0, MAX_MESSAGE) + "…" : message;
  }

  private static String quoted(String message) {
    return Optional.of(message).filter(m -> !m.isBlank()).map(m -> " (" + m + ")").orElse("");
  }
}
