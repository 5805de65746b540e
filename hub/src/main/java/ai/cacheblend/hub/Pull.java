package ai.cacheblend.hub;

import static ai.cacheblend.hub.HubException.Reason.CACHE;
import static ai.cacheblend.hub.HubException.Reason.UNREACHABLE;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.ExecutorCompletionService;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.TimeUnit;

/**
 * Downloads files of a commit. Blobs come first, then their names, then the ref: a process that is
 * killed leaves blobs that the next one uses, and no ref to an incomplete snapshot.
 */
final class Pull {

  private static final int PARALLEL_FILES = 8;
  private static final Duration END_LIMIT = Duration.ofSeconds(10);

  private final HubSettings settings;
  private final Transport transport;
  private final Retries retries;
  private final FreeSpace freeSpace;
  private final PullListener listener;

  Pull(
      HubSettings settings,
      Transport transport,
      Retries retries,
      FreeSpace freeSpace,
      PullListener listener) {
    this.settings = settings;
    this.transport = transport;
    this.retries = retries;
    this.freeSpace = freeSpace;
    this.listener = listener;
  }

  /** The commit that the revision has now, with the selected files. */
  LocalFiles run(Repository repository, Revision revision, Selection selection)
      throws HubException {
    try {
      HubApi api = new HubApi(settings.endpoint(), transport, retries);
      String commit = api.commit(repository, revision);
      Selection.Wanted wanted = selection.select(repository, api.files(repository, commit));
      RepositoryFolder folder = new RepositoryFolder(settings.cacheRoot(), repository);
      Snapshot snapshot = new Snapshot(repository, commit, folder.snapshot(commit));
      fetch(snapshot, folder, wanted.files());
      SnapshotWriter writer = new SnapshotWriter(folder, commit);
      for (String path : wanted.absent()) {
        writer.markAbsent(path);
      }
      writer.writeRef(revision);
      return new LocalFiles(snapshot, wanted.files().stream().map(RemoteFile::path).toList());
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new HubException(UNREACHABLE, "interrupted; what has arrived is kept", e);
    } catch (HubException e) {
      throw e;
    } catch (IOException e) {
      throw new HubException(UNREACHABLE, e.getMessage(), e);
    }
  }

  private void fetch(Snapshot snapshot, RepositoryFolder folder, List<RemoteFile> files)
      throws IOException, InterruptedException {
    SnapshotWriter writer = new SnapshotWriter(folder, snapshot.commit());
    BlobDownload download =
        new BlobDownload(
            folder, snapshot.commit(), settings.endpoint(), transport, retries, listener);
    List<RemoteFile> unlinked = new ArrayList<>();
    List<RemoteFile> missing = new ArrayList<>();
    Set<BlobId> seen = new HashSet<>();
    for (RemoteFile file : files) {
      if (!writer.has(file)) {
        unlinked.add(file);
        if (!download.isPresent(file) && seen.add(file.blob())) {
          missing.add(file);
        }
      }
    }
    if (!missing.isEmpty()) {
      long totalBytes = missing.stream().mapToLong(RemoteFile::size).sum();
      long presentBytes = missing.stream().mapToLong(download::partialBytes).sum();
      requireSpace(totalBytes - presentBytes);
      listener.started(snapshot.repository(), missing.size(), totalBytes, presentBytes);
      fetchInParallel(download, missing);
    }
    for (RemoteFile file : unlinked) {
      writer.link(file);
    }
    listener.finished(snapshot, files.size(), files.stream().mapToLong(RemoteFile::size).sum());
  }

  /** Large files first, so that none of them is alone at the end. The first failure ends all. */
  private static void fetchInParallel(BlobDownload download, List<RemoteFile> files)
      throws IOException, InterruptedException {
    ExecutorService threads = Executors.newFixedThreadPool(PARALLEL_FILES);
    try {
      ExecutorCompletionService<RemoteFile> done = new ExecutorCompletionService<>(threads);
      List<RemoteFile> largestFirst =
          files.stream().sorted(Comparator.comparingLong(RemoteFile::size).reversed()).toList();
      for (RemoteFile file : largestFirst) {
        done.submit(
            () -> {
              download.fetch(file);
              return file;
            });
      }
      for (int i = 0; i < files.size(); i++) {
        done.take().get();
      }
    } catch (ExecutionException e) {
      if (e.getCause() instanceof IOException failure) {
        throw failure;
      }
      throw new IllegalStateException(e.getCause());
    } finally {
      threads.shutdownNow();
      boolean unused = threads.awaitTermination(END_LIMIT.toSeconds(), TimeUnit.SECONDS);
    }
  }

  private void requireSpace(long bytes) throws HubException {
    Path root = settings.cacheRoot();
    try {
      Files.createDirectories(root);
    } catch (IOException e) {
      throw PartialBlob.failure(root, e);
    }
    long free = freeSpace.bytes(root);
    if (free < bytes) {
      throw new HubException(
          CACHE,
          "%s has %s free, and the download needs %s; free space, or set HF_HUB_CACHE"
              .formatted(root, ByteSize.format(free), ByteSize.format(bytes)));
    }
  }
}
