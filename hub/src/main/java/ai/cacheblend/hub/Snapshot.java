package ai.cacheblend.hub;

import static java.util.Objects.requireNonNull;

import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Optional;

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

  /**
   * The file of that path in the repository; empty where it was not downloaded.
   *
   * @throws HubException if the file is a dangling link or a Git LFS pointer
   */
  public Optional<Path> file(String name) throws HubException {
    Path file = folder.resolve(name);
    Optional<String> defect = FileDefect.of(file);
    if (defect.isPresent()) {
      throw new HubException(
          "%s %s; download it again with: %s"
              .formatted(file, defect.get(), repository.downloadCommand(name)));
    }
    return Optional.of(file).filter(Files::isRegularFile);
  }
}
