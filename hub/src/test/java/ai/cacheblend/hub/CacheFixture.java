package ai.cacheblend.hub;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;

/** A cache as {@code huggingface_hub} writes it: snapshots hold relative links to blobs. */
record CacheFixture(Path root, Repository repository) {

  private Path folder() {
    return root.resolve(repository.folderName());
  }

  Path snapshot(String commit) throws IOException {
    return Files.createDirectories(folder().resolve("snapshots").resolve(commit));
  }

  void ref(String name, String commit) throws IOException {
    Path ref = folder().resolve("refs").resolve(name);
    Files.createDirectories(ref.getParent());
    Files.writeString(ref, commit);
  }

  /** The link in the snapshot. */
  Path file(String commit, String name, String content) throws IOException {
    Path blob = Files.createDirectories(folder().resolve("blobs")).resolve("b" + name.hashCode());
    Files.writeString(blob, content);
    Path link = snapshot(commit).resolve(name);
    Files.createDirectories(link.getParent());
    return Files.createSymbolicLink(link, link.getParent().relativize(blob));
  }

  Path blobOf(Path link) throws IOException {
    return link.toRealPath();
  }
}
