package ai.cacheblend.hub;

import static java.util.Objects.requireNonNull;

import ai.cacheblend.hub.HubException.Reason;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;
import java.util.stream.Stream;

/**
 * One commit of a repository in the cache. Its files are links into the repository's {@code blobs}.
 *
 * @param folder with the files that were downloaded, which need not be all
 */
public record Snapshot(Repository repository, String commit, Path folder) {

  public Snapshot {
    requireNonNull(repository, "repository is null");
    requireNonNull(commit, "commit is null");
    requireNonNull(folder, "folder is null");
  }

  /** The commit whose snapshot {@code folder} is; empty if it is not in a cache. */
  public static Optional<String> commitOf(Path folder) {
    Path path = folder.toAbsolutePath().normalize();
    int count = path.getNameCount();
    return count >= 3
            && path.getName(count - 2).toString().equals("snapshots")
            && path.getName(count - 3).toString().startsWith("models--")
        ? Optional.of(path.getFileName().toString())
        : Optional.empty();
  }

  /**
   * The file of that path in the repository; empty where it was not downloaded.
   *
   * @throws HubException if the file is a dangling link or a Git LFS pointer
   */
  public Optional<Path> file(String name) throws HubException {
    requireContent(name);
    return Optional.of(folder.resolve(name)).filter(Files::isRegularFile);
  }

  /** Refuses a dangling link and a Git LFS pointer; the file may be absent. */
  void requireContent(String name) throws HubException {
    Path file = folder.resolve(name);
    Optional<String> defect = FileDefect.of(file);
    if (defect.isPresent()) {
      throw new HubException(
          Reason.CACHE,
          "%s %s; download it again with: %s"
              .formatted(file, defect.get(), repository.downloadCommand()));
    }
  }

  /** Paths inside the repository of all files and links, sorted. */
  List<String> names() throws HubException {
    try (Stream<Path> paths = Files.walk(folder)) {
      return paths
          .filter(path -> !Files.isDirectory(path))
          .map(path -> folder.relativize(path).toString())
          .sorted()
          .toList();
    } catch (IOException | UncheckedIOException e) {
      throw new HubException(
          Reason.CACHE, "%s cannot be listed: %s".formatted(folder, e.getMessage()), e);
    }
  }
}
