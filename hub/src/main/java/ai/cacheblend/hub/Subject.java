package ai.cacheblend.hub;

import java.util.Optional;

/**
 * What a request is about, for messages.
 *
 * @param file path inside the repository; empty: the repository
 */
record Subject(Repository repository, Revision revision, Optional<String> file) {

  static Subject of(Repository repository, Revision revision) {
    return new Subject(repository, revision, Optional.empty());
  }

  @Override
  public String toString() {
    return file.map(path -> path + " of ").orElse("") + repository.id();
  }
}
