package ai.cacheblend.hub;

import java.nio.file.Path;
import java.util.UUID;

/** Where the cache keeps what belongs to a repository. */
record RepositoryFolder(Path root, Repository repository) {

  private Path folder() {
    return root.resolve(repository.folderName());
  }

  Path snapshots() {
    return folder().resolve("snapshots");
  }

  Path snapshot(String commit) {
    return snapshots().resolve(commit);
  }

  /** Holds the commit of a branch or tag. */
  Path ref(Revision revision) {
    return folder().resolve("refs").resolve(revision.name());
  }

  /** An empty file for a file that the commit is known not to have. */
  Path absent(String commit, String path) {
    return folder().resolve(".no_exist").resolve(commit).resolve(path);
  }

  Path blob(BlobId id) {
    return folder().resolve("blobs").resolve(id.hex());
  }

  /**
   * The first part of a blob. Not the name that huggingface_hub appends to: it locks with {@code
   * flock}, which Java's locks do not exclude.
   */
  Path partialBlob(BlobId id) {
    return folder().resolve("blobs").resolve(id.hex() + ".cacheblend.incomplete");
  }

  /** Locked by the process that downloads the blob. */
  Path lock(BlobId id) {
    return root.resolve(".locks").resolve(repository.folderName()).resolve(id.hex() + ".lock");
  }

  /** A new file that is moved to another path in this folder when it is complete. */
  Path temporary() {
    // Not the process id: containers that share a cache have the same ids.
    return folder().resolve("ref." + UUID.randomUUID() + ".tmp");
  }
}
