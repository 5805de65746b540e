package ai.cacheblend.hub;

import static ai.cacheblend.hub.HubException.Reason.BAD_RESPONSE;
import static ai.cacheblend.hub.HubException.Reason.CACHE;

import java.io.IOException;
import java.net.URI;
import java.nio.ByteBuffer;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Map;
import java.util.Optional;

/** Brings the content of a commit's files into the cache. */
final class BlobDownload {

  /** A file from the network, and once more if what came first was damaged. */
  private static final int MAX_DOWNLOADS = 2;

  private static final int PARTIAL_CONTENT = 206;

  private final RepositoryFolder folder;
  private final String commit;
  private final Endpoint endpoint;
  private final Transport transport;
  private final Retries retries;
  private final PullListener listener;

  BlobDownload(
      RepositoryFolder folder,
      String commit,
      Endpoint endpoint,
      Transport transport,
      Retries retries,
      PullListener listener) {
    this.folder = folder;
    this.commit = commit;
    this.endpoint = endpoint;
    this.transport = transport;
    this.retries = retries;
    this.listener = listener;
  }

  /** Whether the blob is in the cache: it gets there whole only, but may be of another program. */
  boolean isPresent(RemoteFile file) throws HubException {
    Path blob = folder.blob(file.blob());
    try {
      return Files.isRegularFile(blob) && Files.size(blob) == file.size();
    } catch (IOException e) {
      throw new HubException(CACHE, "%s cannot be read".formatted(blob), e);
    }
  }

  /** Bytes of an interrupted download. */
  long partialBytes(RemoteFile file) {
    return Math.min(folder.partialBlob(file.blob()).toFile().length(), file.size());
  }

  /** Returns when the blob is in the cache, with the hash that its name says. */
  void fetch(RemoteFile file) throws IOException, InterruptedException {
    long expected = partialBytes(file);
    BlobLock lock =
        BlobLock.acquire(
            folder.lock(file.blob()),
            () -> listener.message("waiting for another download of " + file.path()));
    try {
      if (isPresent(file)) {
        listener.received(file.size() - expected);
        return;
      }
      try (PartialBlob partial = PartialBlob.open(folder.partialBlob(file.blob()), file)) {
        listener.received(partial.length() - expected);
        complete(file, partial);
      }
    } finally {
      lock.close();
    }
  }

  private void complete(RemoteFile file, PartialBlob partial)
      throws IOException, InterruptedException {
    for (int i = 0; i < MAX_DOWNLOADS; i++) {
      receive(file, partial);
      if (partial.moveTo(folder.blob(file.blob()))) {
        return;
      }
      listener.received(-file.size());
      listener.message(file.path() + " was damaged; downloading it again");
    }
    throw new HubException(
        BAD_RESPONSE,
        "%s of %s does not have the hash %s; what %s sends is damaged"
            .formatted(
                file.path(),
                folder.repository().id(),
                file.blob().hex(),
                endpoint.base().getHost()));
  }

  private void receive(RemoteFile file, PartialBlob partial)
      throws IOException, InterruptedException {
    Subject subject =
        new Subject(folder.repository(), new Revision(commit), Optional.of(file.path()));
    URI uri = endpoint.file(folder.repository(), commit, file.path());
    retries.run(
        partial::length,
        () -> {
          if (partial.isComplete()) {
            return;
          }
          long offset = partial.length();
          transport.get(
              subject,
              uri,
              offset == 0 ? Map.of() : Map.of("Range", "bytes=" + offset + "-"),
              new Content(file, partial, offset));
          if (!partial.isComplete()) {
            throw new TransientException(
                "%s ended after %d of %d bytes"
                    .formatted(file.path(), partial.length(), file.size()),
                Optional.empty(),
                null);
          }
        });
  }

  /** Appends to the partial blob. */
  private final class Content implements Receiver {

    private final RemoteFile file;
    private final PartialBlob partial;
    private final long offset;

    Content(RemoteFile file, PartialBlob partial, long offset) {
      this.file = file;
      this.partial = partial;
      this.offset = offset;
    }

    @Override
    public void redirected(Reply reply) throws IOException {
      checkIdentity(reply);
    }

    @Override
    public void begin(Reply reply) throws IOException {
      checkIdentity(reply);
      boolean continues =
          reply.status() == PARTIAL_CONTENT && reply.rangeStart().equals(Optional.of(offset));
      if (offset > 0 && !continues) {
        listener.received(-partial.length());
        partial.restart();
      }
    }

    /** Storage hosts have ETags of their own. */
    private void checkIdentity(Reply reply) throws HubException {
      if (!endpoint.isOriginOf(reply.uri())) {
        return;
      }
      boolean sameBlob =
          reply.etag().filter(tag -> tag.matches("[0-9a-f]{40}|[0-9a-f]{64}")).stream()
              .allMatch(file.blob().hex()::equals);
      boolean sameSize =
          reply.header("X-Linked-Size").stream().allMatch(Long.toString(file.size())::equals);
      boolean sameCommit = reply.header("X-Repo-Commit").stream().allMatch(commit::equals);
      if (!(sameBlob && sameSize && sameCommit)) {
        throw new HubException(
            BAD_RESPONSE,
            "%s of %s is not the file of the file list; try again"
                .formatted(file.path(), folder.repository().id()));
      }
    }

    @Override
    public void receive(ByteBuffer content) throws IOException {
      int bytes = content.remaining();
      partial.append(content);
      listener.received(bytes);
    }
  }
}
