package ai.cacheblend.hub.mock;

import java.nio.charset.StandardCharsets;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.stream.Collectors;

/** A repository: commits with files, and branches. */
public final class MockRepository {

  /** Who may read it. */
  public enum Visibility {
    PUBLIC,
    /** Everybody sees that it exists; files need a token that was granted access. */
    GATED,
    /** Looks as if it did not exist. */
    PRIVATE
  }

  private final Map<String, List<MockFile>> commits = new LinkedHashMap<>();
  private final Map<String, String> branches = new LinkedHashMap<>();
  private volatile Visibility visibility = Visibility.PUBLIC;

  /** Adds a commit and moves the branch to it; returns the commit. */
  public synchronized String commit(String branch, MockFile... files) {
    String tree =
        List.of(files).stream()
            .map(file -> file.path() + " " + file.gitId())
            .collect(Collectors.joining("\n"));
    String commit = MockFile.hash("SHA-1", tree.getBytes(StandardCharsets.UTF_8));
    commits.put(commit, List.of(files));
    branches.put(branch, commit);
    return commit;
  }

  public MockRepository visibility(Visibility newVisibility) {
    visibility = newVisibility;
    return this;
  }

  Visibility visibility() {
    return visibility;
  }

  /** The commit of a branch or a commit. */
  synchronized Optional<String> resolve(String revision) {
    return commits.containsKey(revision)
        ? Optional.of(revision)
        : Optional.ofNullable(branches.get(revision));
  }

  synchronized List<MockFile> files(String commit) {
    return commits.get(commit);
  }

  synchronized Optional<MockFile> withSha256(String sha256) {
    return commits.values().stream()
        .flatMap(List::stream)
        .filter(file -> file.sha256().equals(sha256))
        .findFirst();
  }
}
