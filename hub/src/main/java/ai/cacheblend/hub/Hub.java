package ai.cacheblend.hub;

import static ai.cacheblend.hub.HubException.Reason.OFFLINE;
import static ai.cacheblend.hub.HubException.Reason.UNREACHABLE;
import static java.util.Objects.requireNonNull;

import java.util.List;
import java.util.Map;
import java.util.Optional;

/**
 * The Hugging Face Hub and its local cache. What is in the cache is used without a request; {@code
 * pull} alone looks for a newer commit.
 */
public final class Hub implements RepositoryFiles {

  private final HubSettings settings;
  private final HubCache cache;
  private final Pull pull;
  private final PullListener listener;

  Hub(HubSettings settings, Pull pull, PullListener listener) {
    this.settings = requireNonNull(settings, "settings is null");
    this.cache = new HubCache(settings.cacheRoot());
    this.pull = requireNonNull(pull, "pull is null");
    this.listener = requireNonNull(listener, "listener is null");
  }

  /**
   * The Hub and the cache that the variables name, as {@code huggingface_hub} reads them: {@code
   * HF_ENDPOINT}, {@code HF_TOKEN}, {@code HF_TOKEN_PATH}, {@code HF_HOME}, {@code HF_HUB_CACHE},
   * {@code HF_HUB_OFFLINE}, {@code HF_HUB_DOWNLOAD_TIMEOUT}; and {@code HTTPS_PROXY}, {@code
   * HTTP_PROXY}, {@code ALL_PROXY}, {@code NO_PROXY}.
   *
   * @throws HubException if a variable has no valid value
   */
  public static Hub of(Map<String, String> environment, PullListener listener) throws HubException {
    try {
      HubSettings settings = HubSettings.of(environment);
      Retries retries =
          new Retries(duration -> Thread.sleep(duration.toMillis()), listener::message);
      Pull pull =
          new Pull(settings, new Transport(settings), retries, FreeSpace::ofFileSystem, listener);
      return new Hub(settings, pull, listener);
    } catch (IllegalArgumentException e) {
      throw new HubException(UNREACHABLE, e.getMessage(), e);
    }
  }

  public HubCache cache() {
    return cache;
  }

  /**
   * A model from the cache, or from the Hub if the cache lacks something.
   *
   * @throws HubException if it is in neither; its reason says why
   */
  public Snapshot model(Repository model, Revision revision, ModelFiles files) throws HubException {
    Optional<Snapshot> cached = cached(model, revision);
    Optional<String> missing =
        cached.isEmpty() ? Optional.of("such model") : files.missing(cached.get());
    RepositoryFolder folder = new RepositoryFolder(settings.cacheRoot(), model);
    if (missing.isEmpty() && (settings.offline() || files.isTokenizerKnown(cached.get(), folder))) {
      return cached.get();
    }
    if (settings.offline()) {
      throw offline(model, revision, missing.get());
    }
    try {
      return pullModel(model, revision, files).snapshot();
    } catch (HubException e) {
      if (missing.isEmpty() && e.reason() == UNREACHABLE) {
        listener.message("using " + cached.get().folder() + ": " + e.getMessage());
        return cached.get();
      }
      throw e;
    }
  }

  /** Downloads what the cache lacks of the revision's present commit. */
  public LocalFiles pullModel(Repository model, Revision revision, ModelFiles files)
      throws HubException {
    return pull(model, revision, files);
  }

  @Override
  public LocalFiles find(Repository repository, Revision revision, List<String> alternatives)
      throws HubException {
    Optional<Snapshot> cached = cached(repository, revision);
    if (cached.isPresent()) {
      Optional<LocalFiles> files = CachedFiles.find(cached.get(), alternatives);
      if (files.isPresent()) {
        return files.get();
      }
    }
    if (settings.offline()) {
      throw offline(repository, revision, String.join(" or ", alternatives));
    }
    return pull(repository, revision, alternatives);
  }

  /**
   * Downloads what the cache lacks of the revision's present commit.
   *
   * @param alternatives as in {@link #find}
   */
  public LocalFiles pull(Repository repository, Revision revision, List<String> alternatives)
      throws HubException {
    return pull(repository, revision, Selection.firstOf(alternatives));
  }

  private LocalFiles pull(Repository repository, Revision revision, Selection selection)
      throws HubException {
    if (settings.offline()) {
      throw new HubException(
          OFFLINE, "HF_HUB_OFFLINE is set; unset it to download %s".formatted(repository.id()));
    }
    return pull.run(repository, revision, selection);
  }

  /** A ref without its snapshot is what an interrupted download of another program leaves. */
  private Optional<Snapshot> cached(Repository repository, Revision revision) throws HubException {
    try {
      return cache.find(repository, revision);
    } catch (HubException e) {
      if (settings.offline()) {
        throw e;
      }
      return Optional.empty();
    }
  }

  private HubException offline(Repository repository, Revision revision, String missing) {
    return new HubException(
        OFFLINE,
        "the Hugging Face cache %s has no %s (%s%s), and HF_HUB_OFFLINE is set; unset it, or run on a machine with network access: %s"
            .formatted(
                settings.cacheRoot(),
                missing,
                repository.id(),
                revision.equals(Revision.MAIN) ? "" : ", revision " + revision.name(),
                repository.downloadCommand()));
  }
}
