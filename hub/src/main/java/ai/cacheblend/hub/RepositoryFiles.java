package ai.cacheblend.hub;

import java.util.List;

/** Files of repositories on the Hub, as files on this machine. */
public interface RepositoryFiles {

  /**
   * Files of a repository.
   *
   * @param alternatives paths inside the repository, best first. Each is a name such as {@code
   *     data.zip}, or a glob pattern: in {@code data/test-*.parquet}, {@code *} matches within one
   *     folder, {@code **} across folders, <code>{a,b}</code> either. The first that matches a file
   *     is used alone.
   * @return all files that match the alternative, at least one
   * @throws HubException if there are none; its reason says why
   */
  LocalFiles find(Repository repository, Revision revision, List<String> alternatives)
      throws HubException;
}
