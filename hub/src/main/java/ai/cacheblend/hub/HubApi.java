package ai.cacheblend.hub;

import static ai.cacheblend.hub.HubException.Reason.BAD_RESPONSE;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.json.JsonMapper;
import java.io.IOException;
import java.net.URI;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/** Commits and file lists, from the Hub's JSON API. */
final class HubApi {

  private static final int MAX_PAGE_BYTES = 64 << 20;
  private static final int MAX_PAGES = 10_000;
  private static final Pattern COMMIT = Pattern.compile("[0-9a-f]{40}");
  private static final Pattern NEXT = Pattern.compile("<([^>]+)>\\s*;\\s*rel=\"?next\"?");
  private static final JsonMapper MAPPER = new JsonMapper();

  private final Endpoint endpoint;
  private final Transport transport;
  private final Retries retries;

  HubApi(Endpoint endpoint, Transport transport, Retries retries) {
    this.endpoint = endpoint;
    this.transport = transport;
    this.retries = retries;
  }

  /** The commit of a revision; a commit is its own. */
  String commit(Repository repository, Revision revision) throws IOException, InterruptedException {
    if (COMMIT.matcher(revision.name()).matches()) {
      return revision.name();
    }
    Subject subject = Subject.of(repository, revision);
    TextReceiver page = get(subject, endpoint.commit(repository, revision));
    String commit = json(subject, page).path("sha").asText();
    if (!COMMIT.matcher(commit).matches()) {
      throw new HubException(
          BAD_RESPONSE,
          "%s names no commit of %s; check HF_ENDPOINT".formatted(endpoint, repository.id()));
    }
    return commit;
  }

  /** All files of a commit. */
  List<RemoteFile> files(Repository repository, String commit)
      throws IOException, InterruptedException {
    Subject subject = Subject.of(repository, new Revision(commit));
    List<RemoteFile> files = new ArrayList<>();
    Optional<URI> next = Optional.of(endpoint.tree(repository, commit));
    for (int i = 0; next.isPresent(); i++) {
      if (i == MAX_PAGES) {
        throw new HubException(BAD_RESPONSE, "the file list of %s has no end".formatted(subject));
      }
      TextReceiver page = get(subject, next.get());
      for (JsonNode entry : json(subject, page)) {
        if (entry.path("type").asText().equals("file")) {
          files.add(file(subject, entry));
        }
      }
      next = nextPage(page.reply());
    }
    return files;
  }

  private static RemoteFile file(Subject subject, JsonNode entry) throws HubException {
    JsonNode lfs = entry.path("lfs");
    JsonNode content = lfs.isObject() ? lfs : entry;
    try {
      return new RemoteFile(
          entry.path("path").asText(),
          content.path("size").asLong(-1),
          new BlobId(content.path("oid").asText()));
    } catch (IllegalArgumentException e) {
      throw new HubException(
          BAD_RESPONSE,
          "the file list of %s is refused: %s"
              .formatted(subject, e.getMessage().replaceAll("\\p{Cntrl}", "?")),
          e);
    }
  }

  private Optional<URI> nextPage(Reply reply) throws HubException {
    Matcher next = NEXT.matcher(reply.header("Link").orElse(""));
    if (!next.find()) {
      return Optional.empty();
    }
    return Optional.of(endpoint.onThisServer(reply.target(next.group(1))));
  }

  private TextReceiver get(Subject subject, URI uri) throws IOException, InterruptedException {
    TextReceiver page = new TextReceiver(MAX_PAGE_BYTES);
    retries.run(() -> 0, () -> transport.get(subject, uri, Map.of(), page));
    return page;
  }

  private JsonNode json(Subject subject, TextReceiver page) throws HubException {
    try {
      return MAPPER.readTree(page.text());
    } catch (JsonProcessingException e) {
      throw new HubException(
          BAD_RESPONSE,
          "%s answers for %s with something else than JSON; check HF_ENDPOINT and the proxy"
              .formatted(endpoint, subject),
          e);
    }
  }
}
