package ai.cacheblend.hub;

import static ai.cacheblend.hub.HubException.Reason.NO_SUCH_FILE;

import java.nio.file.Files;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import java.util.stream.Stream;

/**
 * The files of a model repository that an export reads: configuration, tokenizer, and the weights
 * in safetensors. Other forms of the same weights ({@code .bin}, {@code consolidated.safetensors},
 * {@code original/}, GGUF, variants) are left out.
 */
public enum ModelFiles implements Selection {
  /** Everything. */
  ALL,
  /** All but the weights. */
  WITHOUT_WEIGHTS;

  private static final String CONFIG = "config.json";
  private static final String TOKENIZER = "tokenizer.json";

  /** An export converts it where there is no {@code tokenizer.json}. */
  private static final String SENTENCEPIECE = "tokenizer.model";

  private static final List<String> OPTIONAL =
      List.of(
          TOKENIZER,
          "tokenizer_config.json",
          "special_tokens_map.json",
          "added_tokens.json",
          "generation_config.json",
          "chat_template.jinja",
          "chat_template.json");
  private static final String WEIGHTS = "model.safetensors";
  private static final String INDEX = "model.safetensors.index.json";
  private static final Pattern SHARD =
      Pattern.compile("model(\\.safetensors)?-\\d+-of-\\d+\\.safetensors");
  private static final Pattern OTHER_WEIGHTS =
      Pattern.compile("[^/]+\\.(safetensors|bin|pt|pth|gguf|h5|msgpack)");
  private static final int NAMED_FILES = 3;

  @Override
  public Wanted select(Repository repository, List<RemoteFile> files) throws HubException {
    Set<String> paths = files.stream().map(RemoteFile::path).collect(Collectors.toSet());
    if (!paths.contains(CONFIG)) {
      throw new HubException(
          NO_SUCH_FILE, repository.id() + " has no config.json; use a transformers checkpoint");
    }
    List<String> names = new ArrayList<>(OPTIONAL);
    names.retainAll(paths);
    if (!paths.contains(TOKENIZER) && paths.contains(SENTENCEPIECE)) {
      names.add(SENTENCEPIECE);
    }
    if (this == ALL) {
      names.addAll(weights(repository, paths));
    }
    names.add(CONFIG);
    return new Wanted(
        names.stream().map(name -> named(files, name)).toList(),
        OPTIONAL.stream().filter(name -> !paths.contains(name)).toList());
  }

  private static RemoteFile named(List<RemoteFile> files, String name) {
    return files.stream().filter(file -> file.path().equals(name)).findFirst().orElseThrow();
  }

  /** The single file precedes shards, as in the export. */
  private static List<String> weights(Repository repository, Set<String> paths)
      throws HubException {
    if (paths.contains(WEIGHTS)) {
      return List.of(WEIGHTS);
    }
    List<String> shards = paths.stream().filter(SHARD.asMatchPredicate()).sorted().toList();
    if (paths.contains(INDEX) && !shards.isEmpty()) {
      return Stream.concat(shards.stream(), Stream.of(INDEX)).toList();
    }
    String others =
        paths.stream()
            .filter(OTHER_WEIGHTS.asMatchPredicate())
            .sorted()
            .limit(NAMED_FILES)
            .collect(Collectors.joining(", "));
    throw new HubException(
        NO_SUCH_FILE,
        "%s has no weights as model.safetensors, alone or in shards%s; use a repository or a revision that has (pull --revision)"
            .formatted(repository.id(), others.isEmpty() ? "" : ", only " + others));
  }

  /** What an export needs and the snapshot lacks; empty if it can be used. */
  Optional<String> missing(Snapshot snapshot) throws HubException {
    if (!has(snapshot, CONFIG)) {
      return Optional.of(CONFIG);
    }
    if (this == WITHOUT_WEIGHTS || has(snapshot, WEIGHTS)) {
      return Optional.empty();
    }
    List<String> shards =
        snapshot.names().stream()
            .filter(SHARD.asMatchPredicate())
            .filter(name -> has(snapshot, name))
            .toList();
    boolean complete = has(snapshot, INDEX) && !shards.isEmpty() && Globs.hasAllShards(shards);
    return complete ? Optional.empty() : Optional.of(WEIGHTS);
  }

  /** Whether the tokenizer is there, or the commit is known to have none. */
  boolean isTokenizerKnown(Snapshot snapshot, RepositoryFolder folder) {
    return has(snapshot, TOKENIZER) || Files.exists(folder.absent(snapshot.commit(), TOKENIZER));
  }

  /** Follows links. */
  private static boolean has(Snapshot snapshot, String name) {
    return Files.isRegularFile(snapshot.folder().resolve(name));
  }
}
