package ai.cacheblend.hub;

import static ai.cacheblend.hub.HubException.Reason.OFFLINE;
import static java.util.Objects.requireNonNull;

import java.util.List;
import java.util.Optional;

/** Files that are in the cache; nothing is downloaded. */
public final class CachedFiles implements RepositoryFiles {

  private final HubCache cache;

  public CachedFiles(HubCache cache) {
    this.cache = requireNonNull(cache, "cache is null");
  }

  @Override
  public LocalFiles find(Repository repository, Revision revision, List<String> alternatives)
      throws HubException {
    return find(cache.require(repository, revision), alternatives)
        .orElseThrow(
            () ->
                new HubException(
                    OFFLINE,
                    "the Hugging Face cache has no %s of %s; download it with: %s"
                        .formatted(
                            String.join(" or ", alternatives),
                            repository.id(),
                            repository.downloadCommand())));
  }

  /** Empty where a file is missing, also one of a numbered set. */
  static Optional<LocalFiles> find(Snapshot snapshot, List<String> alternatives)
      throws HubException {
    List<String> names = snapshot.names();
    for (String alternative : alternatives) {
      List<String> matches = Globs.matching(alternative, names);
      if (!matches.isEmpty() && Globs.hasAllShards(matches)) {
        for (String match : matches) {
          snapshot.requireContent(match);
        }
        return Optional.of(new LocalFiles(snapshot, matches));
      }
    }
    return Optional.empty();
  }
}
