package ai.cacheblend.hub;

import java.util.List;

/** Decides which files of a commit are needed. */
interface Selection {

  /**
   * The decision.
   *
   * @param files in the order in which they become visible: those that others need last
   * @param absent names that were looked for and are not in the commit
   */
  record Wanted(List<RemoteFile> files, List<String> absent) {

    public Wanted {
      files = List.copyOf(files);
      absent = List.copyOf(absent);
    }
  }

  /**
   * Selects from all files of a commit.
   *
   * @throws HubException if what is needed is not there
   */
  Wanted select(Repository repository, List<RemoteFile> files) throws HubException;

  /** The files that match the first alternative with a match. */
  static Selection firstOf(List<String> alternatives) {
    return (repository, files) -> {
      List<String> paths = files.stream().map(RemoteFile::path).toList();
      for (String alternative : alternatives) {
        List<String> matches = Globs.matching(alternative, paths);
        if (!matches.isEmpty()) {
          return new Wanted(
              files.stream().filter(file -> matches.contains(file.path())).toList(),
              alternatives.stream()
                  .takeWhile(other -> !other.equals(alternative))
                  .filter(Globs::isName)
                  .toList());
        }
      }
      throw new HubException(
          HubException.Reason.NO_SUCH_FILE,
          "%s has no %s".formatted(repository.id(), String.join(" and no ", alternatives)));
    };
  }
}
