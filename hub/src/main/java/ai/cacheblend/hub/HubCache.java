package ai.cacheblend.hub;

import static java.util.Objects.requireNonNull;

import ai.cacheblend.hub.HubException.Reason;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.regex.Pattern;
import java.util.stream.Stream;

/**
 * The local cache of the Hugging Face libraries.
 *
 * <pre>
 *   ROOT/models--ORGANISATION--NAME/refs/main             commit of the branch
 *   ROOT/models--ORGANISATION--NAME/snapshots/COMMIT/…    links to the blobs
 *   ROOT/models--ORGANISATION--NAME/blobs/HASH            content
 * </pre>
 */
public final class HubCache {

  private static final Pattern COMMIT = Pattern.compile("[A-Za-z0-9]+");

  private final Path root;

  public HubCache(Path root) {
    this.root = requireNonNull(root, "root is null");
  }

  /** The cache of the user who runs this process. */
  public static HubCache ofProcess() {
    return new HubCache(UserDirectories.ofProcess().hubCache());
  }

  public Path root() {
    return root;
  }

  /**
   * The snapshot of a revision; empty where the revision was never downloaded.
   *
   * @throws HubException if the cache names a commit of which it has no files
   */
  public Optional<Snapshot> find(Repository repository, Revision revision) throws HubException {
    Path snapshots = snapshots(repository);
    Path ref = ref(repository, revision);
    if (!Files.isRegularFile(ref)) {
      return Optional.of(revision.name())
          .filter(commit -> COMMIT.matcher(commit).matches())
          .map(commit -> new Snapshot(repository, commit, snapshots.resolve(commit)))
          .filter(snapshot -> Files.isDirectory(snapshot.folder()));
    }
    String commit = read(ref);
    if (!COMMIT.matcher(commit).matches() || !Files.isDirectory(snapshots.resolve(commit))) {
      throw new HubException(
          Reason.CACHE,
          "%s names the commit '%s', which is not in %s; download it again with: %s"
              .formatted(ref, commit, snapshots, repository.downloadCommand()));
    }
    return Optional.of(new Snapshot(repository, commit, snapshots.resolve(commit)));
  }

  /**
   * The snapshot of a revision.
   *
   * @throws HubException if it is not in the cache; the message holds the download command
   */
  public Snapshot require(Repository repository, Revision revision) throws HubException {
    return find(repository, revision)
        .orElseThrow(
            () ->
                new HubException(
                    Reason.OFFLINE,
                    "the Hugging Face cache has no %s; download it with: %s"
                        .formatted(ref(repository, revision), repository.downloadCommand())));
  }

  /** All snapshots of a repository: that of the main branch first, the others by commit. */
  public List<Snapshot> all(Repository repository) throws HubException {
    Path ref = ref(repository, Revision.MAIN);
    String main = Files.isRegularFile(ref) ? read(ref) : "";
    List<Snapshot> found = new ArrayList<>();
    for (Path folder : list(snapshots(repository))) {
      if (Files.isDirectory(folder)) {
        String commit = folder.getFileName().toString();
        found.add(commit.equals(main) ? 0 : found.size(), new Snapshot(repository, commit, folder));
      }
    }
    return found;
  }

  private Path snapshots(Repository repository) {
    return new RepositoryFolder(root, repository).snapshots();
  }

  private Path ref(Repository repository, Revision revision) {
    return new RepositoryFolder(root, repository).ref(revision);
  }

  private static String read(Path file) throws HubException {
    try {
      return Files.readString(file).strip();
    } catch (IOException e) {
      throw unreadable(file, e);
    }
  }

  private static List<Path> list(Path folder) throws HubException {
    if (!Files.isDirectory(folder)) {
      return List.of();
    }
    try (Stream<Path> entries = Files.list(folder)) {
      return entries.sorted().toList();
    } catch (IOException e) {
      throw unreadable(folder, e);
    }
  }

  private static HubException unreadable(Path path, IOException e) {
    return new HubException(
        Reason.CACHE, "%s cannot be read: %s".formatted(path, e.getClass().getSimpleName()), e);
  }
}
